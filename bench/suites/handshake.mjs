import { sampleServer } from "../harness/sample.mjs";

const AT_ONCE = 32;

/** The life of a connection without messages: from the accepted socket through the handshake to its end. */
export const handshake = {
  name: "handshake",
  title: `Connections that are opened and ended, ${AT_ONCE} at once, microseconds of server CPU each`,
  unit: "µs",
  peers: ["tautline", "net", "ws", "uWebSockets.js", "bun", "deno"],
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
