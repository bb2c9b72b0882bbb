import { setTimeout as wait } from "node:timers/promises";
import { table } from "../harness/figures.mjs";
import { nextMessage, startLoad } from "../harness/load-process.mjs";
import { PEERS } from "../harness/peers.mjs";
import { ServerProcess } from "../harness/server-process.mjs";

const MESSAGE_SIZE = 1024;
/** A first few connections bring in what a server needs once: code, buffers, a heap. */
const FIRST = 200;
/** Seconds after which each peer has let go of what it keeps for busy connections only. */
const SETTLED_AFTER = 25;

async function openConnections(port, connections, compress) {
  const load = startLoad("idle-load.mjs", { port, connections, size: MESSAGE_SIZE, compress });
  await nextMessage(load);
  return load;
}

/** Resident bytes a connection, as the last has exchanged its message and once all are idle. */
async function measure(peer, connections, compress) {
  const server = await ServerProcess.start(PEERS[peer], { compress });
  const loads = [];
  try {
    loads.push(await openConnections(server.port, FIRST, false));
    await wait(1000);
    const before = (await server.usage()).rss;
    loads.push(await openConnections(server.port, connections, compress));
    const atOnce = (await server.usage()).rss;
    await wait(SETTLED_AFTER * 1000);
    const settled = (await server.usage()).rss;
    return { atOnce: (atOnce - before) / connections, settled: (settled - before) / connections };
  } finally {
    for (const load of loads) load.kill("SIGKILL");
    await server.stop();
  }
}

/** What a connection costs that has exchanged one message of 1 KiB and is idle. */
export const idleMemory = {
  name: "idle-memory",
  title: "Connections that have exchanged one message of 1 KiB and are idle: resident bytes each",
  peers: ["tautline", "ws", "bun"],
  async run(peers, { quick }) {
    const connections = quick ? 2000 : 10_000;
    const results = [];
    for (const peer of peers) {
      const plain = await measure(peer, connections, false);
      const compressed = await measure(peer, connections, true);
      results.push({ peer, connections, plain, compressed });
    }
    const row = ({ peer, plain, compressed }) => {
      const figures = [plain.atOnce, plain.settled, compressed.atOnce, compressed.settled];
      return [peer, ...[...figures, compressed.settled - plain.settled].map(Math.round)];
    };
    const head = [
      "",
      "plain, at once",
      "plain, idle",
      "compressed, at once",
      "compressed, idle",
      "more for compression",
    ];
    console.log(`${connections} connections`);
    console.log(table(head, results.map(row)));
    return results;
  },
};
