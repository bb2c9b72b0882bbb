import { sampleServer } from "../harness/sample.mjs";

const KIB = 1024;
/** The number of connections by the length of the message in bytes: long messages would fill the buffers of many. */
const CONNECTIONS = { 20: 100, 128: 100, [KIB]: 100, [16 * KIB]: 50, [KIB * KIB]: 10 };
const NAMES = { 20: "20 B", 128: "128 B", [KIB]: "1 KiB", [16 * KIB]: "16 KiB", [KIB * KIB]: "1 MiB" };
const QUICK = [
  "20 B binary, 16 in flight",
  "20 B text, 16 in flight",
  "20 B binary, 1 in flight",
  "16 KiB binary, 1 in flight",
];

function casesOf(size) {
  const inFlight = size > 100 * KIB ? [1, 4] : [1, 16];
  return [true, false].flatMap((binary) =>
    inFlight.map((count) => {
      const name = `${NAMES[size]} ${binary ? "binary" : "text"}, ${count} in flight`;
      return { name, size, binary, inFlight: count, quick: QUICK.includes(name) };
    }),
  );
}

export async function sampleEcho(peer, serverOptions, shape, { warmUp, seconds }) {
  const { cpu, ...rest } = await sampleServer(peer, serverOptions, "echo-load.mjs", { ...shape, warmUp, seconds });
  return { value: cpu, ...rest };
}

/** The cost of each message that a server returns. */
export const echo = {
  name: "echo",
  title: "An echo without compression, microseconds of server CPU per message",
  unit: "µs",
  peers: ["tautline", "net", "ws", "ws+bufferutil", "uWebSockets.js", "bun", "deno"],
  cases: Object.keys(CONNECTIONS).flatMap((size) => casesOf(Number(size))),
  sample: (peer, { size, binary, inFlight }, effort) =>
    sampleEcho(peer, {}, { connections: CONNECTIONS[size], size, binary, inFlight }, effort),
};
