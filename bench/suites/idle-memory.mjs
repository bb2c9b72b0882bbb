import { setTimeout as wait } from "node:timers/promises";
import { nextMessage, startLoad } from "../harness/load-process.mjs";
import { MeasuredProcess } from "../harness/measured-process.mjs";

const MESSAGE_SIZE = 1024;
/** These connections come before the measurement: the first ones make a server allocate what all of them share. */
const FIRST = 200;
const CONNECTIONS = 10_000;
/** The seconds until each peer, and V8, has freed what only busy connections need: 3 KB for each of ours. */
const SETTLED_AFTER = 25;
/** The seconds of a quick run. */
const UNSETTLED_AFTER = 4;

async function openConnections(port, connections, compress) {
  const load = startLoad("idle-load.mjs", { port, connections, size: MESSAGE_SIZE, compress });
  await nextMessage(load);
  return load;
}

/** The memory of a connection that is idle after an exchange of one message. */
export const idleMemory = {
  name: "idle-memory",
  title: "Connections that have exchanged one message of 1 KiB and are idle, resident bytes each",
  unit: "bytes",
  /** The mean of 10,000 connections varies little from one run to the next. */
  rounds: 1,
  peers: ["tautline", "net", "ws", "uWebSockets.js", "bun"],
  cases: [
    { name: "plain", compress: false, quick: true },
    { name: "compressed, with context takeover", compress: true, peers: ["tautline", "ws", "uWebSockets.js", "bun"] },
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
