import { setTimeout as wait } from "node:timers/promises";
import { nextMessage, startLoad } from "../harness/load-process.mjs";
import { MeasuredProcess } from "../harness/measured-process.mjs";

const MESSAGE_SIZE = 1024;
/** These connections come before the measurement: the first ones make a server allocate what all of them share. */
const FIRST = 200;
const CONNECTIONS = 10_000;
/** The seconds until each peer, and V8, has freed what only busy connections need: 3 KB for each of ours. */
const SETTLED_AFTER = 25;
/** 60 bytes of one of our connections. The figure itself varies by less than ten. */
const HEAP_NOISE = 0.03;

async function openConnections(port, connections, compress) {
  const load = startLoad("idle-load.mjs", { port, connections, size: MESSAGE_SIZE, compress });
  await nextMessage(load);
  return load;
}

/** @returns what each connection adds to the server's `usage()`: at once, and after a while */
async function growth(peer, compress, seconds) {
  const server = await MeasuredProcess.start("servers", peer, { compress });
  const loads = [];
  const perConnection = (now, before) => ({
    rss: (now.rss - before.rss) / CONNECTIONS,
    heap: (now.heap - before.heap) / CONNECTIONS,
  });
  try {
    loads.push(await openConnections(server.port, FIRST, false));
    await wait(1000);
    const before = await server.usage();
    loads.push(await openConnections(server.port, CONNECTIONS, compress));
    const atOnce = perConnection(await server.usage(), before);
    await wait(seconds * 1000);
    return { atOnce, settled: perConnection(await server.usage(), before) };
  } finally {
    for (const load of loads) load.kill("SIGKILL");
    await server.stop();
  }
}

/** The memory of a connection that is idle after an exchange of one message. */
export const idleMemory = {
  name: "idle-memory",
  title: "Connections that have exchanged one message of 1 KiB and are idle, resident bytes each",
  unit: "bytes",
  /** It takes half a minute. */
  rounds: 1,
  peers: ["tautline", "net", "ws", "uWebSockets.js", "bun"],
  cases: [
    { name: "plain", compress: false },
    { name: "compressed, with context takeover", compress: true, peers: ["tautline", "ws", "uWebSockets.js", "bun"] },
  ],
  async sample(peer, { compress }) {
    const { atOnce, settled } = await growth(peer, compress, SETTLED_AFTER);
    return { value: settled.rss, connections: CONNECTIONS, atOnce: atOnce.rss };
  },
};

/**
 * The part of that memory which JavaScript objects and their buffers take. It is the same in each run, while resident
 * memory depends on when the system gets freed pages back.
 */
export const idleHeap = {
  name: "idle-heap",
  title: "Connections that have exchanged one message of 1 KiB and are idle, bytes of JavaScript heap each",
  unit: "bytes",
  rounds: 1,
  noise: HEAP_NOISE,
  peers: ["tautline", "net", "ws"],
  cases: [{ name: "plain", quick: true }],
  async sample(peer) {
    const { settled } = await growth(peer, false, 1);
    return { value: settled.heap, connections: CONNECTIONS };
  },
};
