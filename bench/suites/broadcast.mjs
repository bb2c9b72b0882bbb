import { sampleServer } from "../harness/sample.mjs";

const CONNECTIONS = 1000;

const CASES = [
  { name: "100 B, one message a tick", size: 100, perTick: 1, quick: true },
  { name: "100 B, ten messages a tick", size: 100, perTick: 10, quick: true },
  {
    name: "868 B compressed, one message a tick",
    size: 868,
    perTick: 1,
    compress: true,
    peers: ["tautline", "ws", "uWebSockets.js", "bun"],
  },
  {
    name: "868 B compressed, ten messages a tick",
    size: 868,
    perTick: 10,
    compress: true,
    peers: ["tautline", "ws", "uWebSockets.js", "bun"],
  },
];

/** A message to all connections. */
export const broadcast = {
  name: "broadcast",
  title: `A broadcast to ${CONNECTIONS.toLocaleString("en")} connections, microseconds of server CPU for each message that arrives`,
  unit: "µs",
  peers: ["tautline", "net", "ws", "uWebSockets.js", "bun", "deno"],
  cases: CASES,
  async sample(peer, { size, perTick, compress = false }, { warmUp, seconds }) {
    const shape = { size, perTick, compress };
    const load = { ...shape, connections: CONNECTIONS, warmUp, seconds };
    const { cpu, ...rest } = await sampleServer(peer, shape, "broadcast-load.mjs", load);
    return { value: cpu, ...rest };
  },
};
