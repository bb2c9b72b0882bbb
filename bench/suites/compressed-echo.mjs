import { sampleEcho } from "./echo.mjs";

const CONNECTIONS = 50;
const SIZES = { "128 B": 128, "1 KiB": 1024, "16 KiB": 16_384 };

/** Every peer compresses each message with context takeover in both directions, and is otherwise as it comes. */
export const compressedEcho = {
  name: "compressed-echo",
  title: `An echo of compressed JSON, ${CONNECTIONS} connections, microseconds of server CPU a message`,
  unit: "us",
  peers: ["tautline", "ws", "bun"],
  cases: Object.entries(SIZES).flatMap(([name, size]) =>
    [1, 16].map((inFlight) => ({
      name: `${name}, ${inFlight} in flight`,
      size,
      inFlight,
      quick: size === 1024 && inFlight === 16,
    })),
  ),
  sample: (peer, { size, inFlight }, effort) =>
    sampleEcho(peer, { compress: true }, { connections: CONNECTIONS, compress: true, size, inFlight }, effort),
};
