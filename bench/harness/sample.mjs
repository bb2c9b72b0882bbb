import { nextMessage, startLoad } from "./load-process.mjs";
import { MeasuredProcess } from "./measured-process.mjs";

/** The cost of what happens between two looks. @returns microseconds of CPU each, how many a second, and the rest */
async function costWhile(measured, load) {
  const before = await measured.usage();
  load.send("measure");
  const { messages, elapsed, ...rest } = await nextMessage(load);
  const after = await measured.usage();
  if (messages === 0) throw new Error("nothing happened while it was measured");
  return { cpu: (after.cpu - before.cpu) / messages, rate: messages / elapsed, ...rest };
}

/** Measures a server once under a load of `load/`, both processes fresh. */
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

/** Measures a client once against a server of `load/` that costs less than it, both processes fresh. */
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
