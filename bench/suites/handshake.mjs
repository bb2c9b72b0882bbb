import { sampleServer } from "../harness/sample.mjs";

const AT_ONCE = 32;

/** From the accepted socket to the open connection, and its end. */
export const handshake = {
  name: "handshake",
  title: `Connections that come and go, ${AT_ONCE} at once, microseconds of server CPU each`,
  unit: "us",
  peers: ["tautline", "net", "ws", "bun", "deno"],
  cases: [
    { name: "opened, and reset", browser: false, closes: false, quick: true },
    { name: "opened as by a browser, and reset", browser: true, closes: false },
    { name: "opened as by a browser, and closed in order", browser: true, closes: true },
  ],
  async sample(peer, { browser, closes }, { warmUp, seconds }) {
    const load = { atOnce: AT_ONCE, browser, closes, warmUp, seconds };
    const { cpu, ...rest } = await sampleServer(peer, {}, "handshake-load.mjs", load);
    return { value: cpu, ...rest };
  },
};
