import { sampleClient } from "../harness/sample.mjs";

const CONNECTIONS = 50;

const CASES = [
  { name: "20 B binary, 1 in flight", size: 20, inFlight: 1 },
  { name: "20 B binary, 16 in flight", size: 20, inFlight: 16, quick: true },
  { name: "16 KiB binary, 1 in flight", size: 16_384, inFlight: 1 },
  { name: "16 KiB binary, 4 in flight", size: 16_384, inFlight: 4 },
];

/** A client that sends and receives, against a server that needs less CPU than it. */
export const client = {
  name: "client",
  title: `A client with ${CONNECTIONS} connections, microseconds of client CPU for each message sent and received`,
  unit: "µs",
  peers: ["tautline", "tautline WebSocket", "ws", "ws+bufferutil", "undici", "bun"],
  cases: CASES,
  async sample(peer, { size, inFlight }, { warmUp, seconds }) {
    const options = { connections: CONNECTIONS, size, binary: true, inFlight, warmUp, seconds };
    const { cpu, ...rest } = await sampleClient(peer, "reply-server.mjs", options);
    return { value: cpu, ...rest };
  },
};
