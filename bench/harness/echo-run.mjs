import { nextMessage, startLoad } from "./load-process.mjs";
import { PEERS } from "./peers.mjs";
import { ServerProcess } from "./server-process.mjs";

/**
 * Measures one peer once, both processes fresh.
 *
 * @returns microseconds of the server's CPU a message, messages a second, and the mean payload of a reply in bytes
 */
export async function runEcho(name, serverOptions, { warmUp, seconds, ...shape }) {
  const server = await ServerProcess.start(PEERS[name], serverOptions);
  const load = startLoad("echo-load.mjs", { port: server.port, warmUp, seconds, ...shape });
  try {
    await nextMessage(load);
    const before = await server.usage();
    load.send("measure");
    const { messages, elapsed, replyBytes, terms } = await nextMessage(load);
    const after = await server.usage();
    return {
      cpu: (after.cpu - before.cpu) / messages,
      rate: messages / elapsed,
      replyBytes,
      terms,
    };
  } finally {
    load.kill("SIGKILL");
    await server.stop();
  }
}
