import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { PEERS } from "./peers.mjs";
import { ServerProcess } from "./server-process.mjs";

const LOAD = fileURLToPath(new URL("../load/echo-load.mjs", import.meta.url));

async function nextMessage(load) {
  const [what] = await Promise.race([once(load, "message"), once(load, "exit").then(() => [null])]);
  if (what === null) throw new Error("the load ended");
  return what;
}

/**
 * Measures one peer once, both processes fresh.
 *
 * @returns microseconds of the server's CPU a message, messages a second, and the mean payload of a reply in bytes
 */
export async function runEcho(name, serverOptions, { warmUp, seconds, ...shape }) {
  const server = await ServerProcess.start(PEERS[name], serverOptions);
  const load = fork(LOAD, [JSON.stringify({ port: server.port, warmUp, seconds, ...shape })]);
  try {
    await nextMessage(load);
    const before = await server.usage();
    load.send("measure");
    const { messages, elapsed, replyBytes, terms, ownCpu } = await nextMessage(load);
    const after = await server.usage();
    return {
      cpu: (after.cpu - before.cpu) / messages,
      loadCpu: ownCpu / messages,
      rate: messages / elapsed,
      replyBytes,
      terms,
    };
  } finally {
    load.kill("SIGKILL");
    await server.stop();
  }
}
