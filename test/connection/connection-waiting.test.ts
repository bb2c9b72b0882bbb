/** What one can await on a connection and a server: drained(), closed, and the end of an `await using` block. */
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { argumentError } from "../support/argument-error.ts";
import { CARRIERS, carried, framesFor } from "../support/carriers.ts";
import { closeFrame, open, ROLES, turn } from "../support/connection-harness.ts";
import { CLOSE, decodeFrames } from "../support/frames.ts";
import { open as openClient, serve } from "../support/servers.ts";

const ROOT = join(import.meta.dirname, "../..");
const LONG = Buffer.alloc(100_000, "x");

/** Whether a promise is settled by the end of this turn, and how. */
async function stateOf(promise: Promise<unknown>): Promise<unknown> {
  let state: unknown = "pending";
  promise.then(
    (value) => {
      state = value ?? "fulfilled";
    },
    (error: unknown) => {
      state = error instanceof Error && "code" in error ? error.code : error;
    },
  );
  await turn();
  return state;
}

describe.each(ROLES)("drained() of a %s", (role) => {
  test("is fulfilled at once if send() has returned true", async () => {
    const { connection } = open({ role });
    connection.send("short");
    expect(await stateOf(connection.drained())).toBe("fulfilled");
  });

  test("waits for the transport after send() has returned false", async () => {
    const { connection, transport } = open({ role });
    transport.stick();
    expect(connection.send(LONG)).toBe(false);
    const drained = connection.drained();
    expect(await stateOf(drained)).toBe("pending");
    transport.drain();
    expect(await stateOf(drained)).toBe("fulfilled");
    expect(await stateOf(connection.drained())).toBe("fulfilled");
  });

  test("is rejected with NEVER_DRAINED when the connection is lost, closed, or was closed before", async () => {
    const { connection, transport } = open({ role });
    transport.stick();
    connection.send(LONG);
    const drained = connection.drained();
    transport.close();
    expect(await stateOf(drained)).toBe("NEVER_DRAINED");
    expect(await stateOf(connection.drained())).toBe("NEVER_DRAINED");
  });

  test("is rejected as soon as the application itself closes", async () => {
    const { connection, transport } = open({ role });
    transport.stick();
    connection.send(LONG);
    const drained = connection.drained();
    connection.close();
    expect(await stateOf(drained)).toBe("NEVER_DRAINED");
  });

  test("ends with the reason of its signal, and the connection goes on", async () => {
    const { connection, transport, of } = open({ role });
    transport.stick();
    connection.send(LONG);
    const controller = new AbortController();
    const [aborted, other] = [connection.drained({ signal: controller.signal }), connection.drained()];
    controller.abort("too slow");
    expect(await stateOf(aborted)).toBe("too slow");
    transport.drain();
    expect(await stateOf(other)).toBe("fulfilled");
    expect(of("drain").length).toBe(1);
  });

  test("names a wrong option, and what to write instead of a signal alone", async () => {
    const { connection } = open({ role });
    const wrong = (options: unknown) => connection.drained(options as object);
    await expect(wrong({ timeout: 5 })).rejects.toEqual(
      argumentError(TypeError, "OPTION_UNKNOWN", /use signal: AbortSignal.timeout/),
    );
    await expect(wrong(AbortSignal.abort())).rejects.toEqual(
      argumentError(TypeError, "ARGUMENT_INVALID", /{ signal }/),
    );
    await expect(wrong({ signal: new AbortController() })).rejects.toEqual(
      argumentError(TypeError, "OPTION_INVALID", /use its signal/),
    );
  });
});

describe.each(CARRIERS)("closed of %s", (carrier) => {
  test("is fulfilled with the code, the reason and no error after a closing handshake", async () => {
    const { connection, peer, role } = await carried(carrier);
    const { closed } = connection;
    peer.socket.end(framesFor(role, closeFrame(4002, "bye")));
    expect(await closed).toEqual({ code: 4002, reason: "bye", error: null });
    expect(connection.closed).toBe(closed);
  });

  test("is fulfilled, and not rejected, with the error of a connection that was cut off", async () => {
    const { connection, peer } = await carried(carrier);
    const { closed } = connection;
    peer.socket.end();
    expect(await closed).toMatchObject({ code: 1006, reason: "", error: { code: "CUT_OFF" } });
    expect(await connection.closed).toBe(await closed);
  });

  test("can be asked for after the close event", async () => {
    const { connection } = await carried(carrier);
    connection.terminate();
    if (connection.readyState !== 3) await once(connection, "close");
    expect(await connection.closed).toMatchObject({ code: 1006, error: { code: "TERMINATED" } });
  });
});

describe.each(CARRIERS)("[Symbol.asyncDispose]() of %s", (carrier) => {
  test("sends a Close frame with 1000 behind what was sent, and waits for the peer's", async () => {
    const { connection, peer, role } = await carried(carrier);
    connection.send("last");
    const disposed = connection[Symbol.asyncDispose]();
    const bytes: Buffer[] = [];
    peer.socket.on("data", (chunk: Buffer) => bytes.push(chunk));
    expect(await stateOf(disposed)).toBe("pending");
    peer.socket.end(framesFor(role, closeFrame(1000)));
    await disposed;
    expect(connection.readyState).toBe(3);
    expect(connection.closeCode).toBe(1000);
  });
});

test("[Symbol.asyncDispose]() sends 1000, also while listeners are paused", async () => {
  const opened = open();
  opened.connection.pause();
  void opened.connection[Symbol.asyncDispose]();
  await turn();
  const [close] = decodeFrames(opened.transport.bytes);
  expect([close?.opcode, close?.payload.readUInt16BE()]).toEqual([CLOSE, 1000]);
});

describe("a server", () => {
  test("[Symbol.asyncDispose]() closes its connections with 1001 and is the same as close()", async () => {
    const { server, url } = await serve();
    const client = await openClient(url);
    await server[Symbol.asyncDispose]();
    expect((await client.closed).code).toBe(1001);
    expect(server.connections.size).toBe(0);
    await server.close();
  });

  test("ends its connections at once when the signal of close() is aborted", async () => {
    const { connection, server } = await carried("a TCP server", { halfOpen: true, closeTimeout: 600_000 });
    const controller = new AbortController();
    const closing = server?.close({ timeout: 600_000, signal: controller.signal });
    expect(await stateOf(closing as Promise<void>)).toBe("pending");
    controller.abort();
    await closing;
    expect(await connection.closed).toMatchObject({ error: { code: "TERMINATED" } });
  });

  test("does not wait at all if that signal was aborted before", async () => {
    const { connection, server } = await carried("a TCP server", { halfOpen: true, closeTimeout: 600_000 });
    await server?.close({ timeout: 600_000, signal: AbortSignal.abort() });
    expect(connection.readyState).toBe(3);
  });
});

/** What `await using` becomes depends on the compiler: the project's own makes this program for node 20. */
const PROGRAM = `
import { connect, WebSocketServer } from "tautline";
const log: string[] = [];
{
  await using server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await new Promise<void>((resolve) => server.once("listening", () => resolve()));
  server.on("connection", (connection) => void connection.closed.then(({ code }) => log.push(\`server \${code}\`)));
  await using connection = await connect(\`ws://127.0.0.1:\${server.address().port}\`);
  void connection.closed.then(({ code }) => log.push(\`client \${code}\`));
}
console.log(log.sort().join(", "));
`;

test("a program with `await using`, compiled by the project's TypeScript, closes its connection and its server", () => {
  const folder = mkdtempSync(join(tmpdir(), "tautline-using-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(join(folder, "program.ts"), PROGRAM);
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  const flags = ["--target", "es2022", "--module", "nodenext", "--strict", "--types", "node"];
  const paths = join(folder, "tsconfig.json");
  const compilerOptions = { paths: { tautline: [join(ROOT, "dist/index.d.ts")] } };
  writeFileSync(paths, JSON.stringify({ compilerOptions, files: ["program.ts"] }));
  const tsc = spawnSync(join(ROOT, "node_modules/.bin/tsc"), ["-p", paths, ...flags], { encoding: "utf8" });
  expect(tsc.stdout).toBe("");
  // The paths of a compiler mean nothing to node.
  const main = join(folder, "program.js");
  const installed = readFileSync(main, "utf8").replace('"tautline"', JSON.stringify(join(ROOT, "dist/index.js")));
  writeFileSync(main, installed);
  const run = spawnSync(process.execPath, [main], { encoding: "utf8" });
  expect(run.stderr).toBe("");
  expect(run.stdout.trim()).toBe("client 1000, server 1000");
});
