import { nextMessage, startLoad } from "./load-process.mjs";
import { MeasuredProcess } from "./measured-process.mjs";

/**
 * Measures the cost of what happens while the load counts.
 *
 * @returns `cpu`, microseconds for each message; `rate`, messages per second; and the rest that the load reports
 */
async function costWhile(measured, load) {
  const before = await measured.usage();
  load.send("measure");
  const { messages, elapsed, ...rest } = await nextMessage(load);
  const after = await measured.usage();
  if (messages === 0) throw new Error("nothing happened while it was measured");
  return { cpu: (after.cpu - before.cpu) / messages, rate: messages / elapsed, ...rest };
}

/** Measures a server once under a load from `load/`, each in a new process. */
export async function sampleServer(peer, serverOptions, script, loadOptions) {
  const server = await MeasuredProcess.start("servers", peer, serverOptions);
  const load = startLoad(script, { port: server.port, ...loadOptions });
  try {
    await nextMessage(load);
    return await costWhile(server, load);
  } finally {
    load.kill("SIGKILL");
    await server.stop();
  }
}

/** Measures a client once against a server from `load/` that needs less CPU than it, each in a new process. */
export async function sampleClient(peer, script, options) {
  const load = startLoad(script, options);
  let client;
  try {
    const { port } = await nextMessage(load);
    client = await MeasuredProcess.start("clients", peer, { port, ...options });
    await nextMessage(load);
    return await costWhile(client, load);
  } finally {
    load.kill("SIGKILL");
    await client?.stop();
  }
}
