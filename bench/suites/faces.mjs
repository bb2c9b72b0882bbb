import { nextMessage, startLoad } from "../harness/load-process.mjs";
import { MeasuredProcess } from "../harness/measured-process.mjs";
import { sampleClient } from "../harness/sample.mjs";
import { sampleEcho } from "./echo.mjs";

const PEERS = ["tautline", "tautline WebSocket", "tautline streams()"];
/** The faces that a server has. */
const SERVER_PEERS = ["tautline", "tautline streams()"];
const CONNECTIONS = 50;
const SIZES = { "20 B": 20, "1 KiB": 1024 };

/** A face's own idle memory is the difference between two processes, one with few clients and one with many. */
const FEW = 200;
const MANY = 5000;
const IDLE_SIZE = 1024;

function casesOf(role, peers) {
  return Object.entries(SIZES).flatMap(([name, size]) =>
    [1, 16].map((inFlight) => ({
      name: `${role}, ${name} binary, ${inFlight} in flight`,
      role,
      size,
      inFlight,
      peers,
    })),
  );
}

/** What each face costs beside the connection of `connect()` and of the server. */
export const faces = {
  name: "faces",
  title: `The faces of Tautline with ${CONNECTIONS} connections, microseconds of CPU per message`,
  unit: "µs",
  peers: PEERS,
  cases: [...casesOf("client", PEERS), ...casesOf("server", SERVER_PEERS)],
  async sample(peer, { role, size, inFlight }, { warmUp, seconds }) {
    const shape = { connections: CONNECTIONS, size, binary: true, inFlight };
    if (role === "server") return sampleEcho(peer, {}, shape, { warmUp, seconds });
    const { cpu, ...rest } = await sampleClient(peer, "reply-server.mjs", { ...shape, warmUp, seconds });
    return { value: cpu, ...rest };
  },
};

/** The heap of a process with that many clients, after each has received one message and sent one. */
async function heapWith(peer, connections) {
  const options = { connections, size: IDLE_SIZE, inFlight: 0 };
  const load = startLoad("greeting-server.mjs", options);
  let clients;
  try {
    const { port } = await nextMessage(load);
    clients = await MeasuredProcess.start("clients", peer, { port, ...options });
    await nextMessage(load);
    return (await clients.usage()).heap;
  } finally {
    load.kill("SIGKILL");
    await clients?.stop();
  }
}

/** The heap and not the resident memory: sockets cost every face the same, and their memory varies more. */
export const faceMemory = {
  name: "face-memory",
  title: "Idle clients of each face of Tautline, bytes of JavaScript heap each",
  unit: "bytes",
  peers: PEERS,
  cases: [{ name: "idle after one message of 1 KiB each way" }],
  async sample(peer) {
    const [few, many] = [await heapWith(peer, FEW), await heapWith(peer, MANY)];
    return { value: (many - few) / (MANY - FEW), connections: MANY - FEW };
  },
};
