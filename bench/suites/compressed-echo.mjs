import { sampleEcho } from "./echo.mjs";

const CONNECTIONS = 50;
const SIZES = { "128 B": 128, "1 KiB": 1024, "16 KiB": 16_384 };

/** Each peer compresses every message, with context takeover in both directions. All else is left at its defaults. */
export const compressedEcho = {
  name: "compressed-echo",
  title: `An echo of compressed JSON, ${CONNECTIONS} connections, microseconds of server CPU per message`,
  unit: "µs",
  peers: ["tautline", "ws", "uWebSockets.js", "bun"],
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
