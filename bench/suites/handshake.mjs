import { sampleServer } from "../harness/sample.mjs";

const AT_ONCE = 32;

/** From the accepted socket to the open connection, and its end. */
export const handshake = {
  name: "handshake",
  title: `Connections that are opened and reset, ${AT_ONCE} at once, microseconds of server CPU each`,
  unit: "us",
  peers: ["tautline", "net", "ws", "bun", "deno"],
  cases: [{ name: "a handshake", quick: true }],
  async sample(peer, _case, { warmUp, seconds }) {
    const { cpu, ...rest } = await sampleServer(peer, {}, "handshake-load.mjs", { atOnce: AT_ONCE, warmUp, seconds });
    return { value: cpu, ...rest };
  },
};
