import { sampleEcho } from "./echo.mjs";

const COUNTS = [100, 1000, 10_000, 19_000];

/** How the cost of a message grows with the number of connections. */
export const connections = {
  name: "connections",
  title: "An echo of 20 bytes, 1 in flight, by the number of connections, microseconds of server CPU per message",
  unit: "µs",
  peers: ["tautline", "net", "ws", "uWebSockets.js", "bun"],
  cases: COUNTS.map((count) => ({ name: `${count.toLocaleString("en")} connections`, count })),
  sample: (peer, { count }, { warmUp, seconds }) =>
    sampleEcho(
      peer,
      {},
      { connections: count, size: 20, binary: true, inFlight: 1, bytesOnly: true },
      // One message on each connection takes up to half a second.
      { warmUp: warmUp + count / 10_000, seconds: seconds + count / 10_000 },
    ),
};
