import { setTimeout as wait } from "node:timers/promises";
import { nextMessage, startLoad } from "../harness/load-process.mjs";
import { MeasuredProcess } from "../harness/measured-process.mjs";

const MESSAGE_SIZE = 1024;
/** A first few connections bring in what a server needs once: code, buffers, a heap. */
const FIRST = 200;
const CONNECTIONS = 10_000;
/** Seconds after which each peer, and V8, has let go of what it keeps for busy connections only; 3 KB of each are such. */
const SETTLED_AFTER = 25;
/** Where there is no time for that. */
const UNSETTLED_AFTER = 4;

async function openConnections(port, connections, compress) {
  const load = startLoad("idle-load.mjs", { port, connections, size: MESSAGE_SIZE, compress });
  await nextMessage(load);
  return load;
}

/** What a connection costs that has exchanged one message of 1 KiB and is idle. */
export const idleMemory = {
  name: "idle-memory",
  title: "Connections that have exchanged one message of 1 KiB and are idle, resident bytes each",
  unit: "bytes",
  /** A figure of 10,000 connections needs no second look. */
  rounds: 1,
  peers: ["tautline", "net", "ws", "bun"],
  cases: [
    { name: "plain", compress: false, quick: true },
    { name: "compressed, with context takeover", compress: true, peers: ["tautline", "ws", "bun"] },
  ],
  async sample(peer, { compress }, { settles }) {
    const server = await MeasuredProcess.start("servers", peer, { compress });
    const loads = [];
    try {
      loads.push(await openConnections(server.port, FIRST, false));
      await wait(1000);
      const before = (await server.usage()).rss;
      loads.push(await openConnections(server.port, CONNECTIONS, compress));
      const atOnce = ((await server.usage()).rss - before) / CONNECTIONS;
      await wait((settles ? SETTLED_AFTER : UNSETTLED_AFTER) * 1000);
      return { value: ((await server.usage()).rss - before) / CONNECTIONS, connections: CONNECTIONS, atOnce };
    } finally {
      for (const load of loads) load.kill("SIGKILL");
      await server.stop();
    }
  },
};
