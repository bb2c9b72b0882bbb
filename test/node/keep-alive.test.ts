/** Keep-alive over real sockets, against event loops that stall and peers that are slow. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Connection, connect } from "../../src/index.ts";
import { type Carrier, carried } from "../support/carriers.ts";
import { makeCertificate } from "../support/certificate.ts";
import { open, serve } from "../support/servers.ts";
import { SlowReader } from "../support/slow-reader.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const MIB = 1 << 20;
/** Short, so that a stall is soon longer than they are. */
const IMPATIENT = { pingInterval: 20, pingTimeout: 100 };

/** Keeps the event loop from turning. */
function stall(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

/** When the connection has answered a ping, after all that has happened until now. */
async function expectAlive(connection: Connection<unknown>): Promise<void> {
  const pong = once(connection, "pong");
  connection.ping("alive?");
  await pong;
  expect(connection.readyState).toBe(1);
}

describe.each([
  ["TCP", false],
  ["TLS", true],
])("an event loop that stalls longer than pingTimeout, over %s", (_, secure) => {
  it.each([
    ["a server", IMPATIENT, { pingInterval: 0 }],
    ["a client", { pingInterval: 0 }, IMPATIENT],
  ])(
    "a stall of the event loop longer than pingTimeout loses no connection of %s",
    async (_, serverOptions, clientOptions) => {
      const certificate = await makeCertificate();
      const { server, url } = await serve({ ...serverOptions, ...(secure ? { tls: certificate } : {}) });
      const accepted = once(server, "connection") as Promise<[Connection<unknown>]>;
      const client = await open(url, { ...clientOptions, ...(secure ? { tls: { ca: certificate.cert } } : {}) });
      const [connection] = await accepted;
      const errors: unknown[] = [];
      for (const side of [client, connection]) side.on("close", (...args) => errors.push(args));
      for (let stalls = 0; stalls < 3; stalls++) {
        stall(150);
        await new Promise(setImmediate);
      }
      expect(errors).toEqual([]);
      await expectAlive(client);
      await expectAlive(connection);
    },
  );
});

it("closeTimeout that passes in a stall does not hide that the peer has answered", async () => {
  const { connection, peer, send } = await carried("a TCP server", { closeTimeout: 200 });
  const closed = once(connection, "close");
  connection.close(1000);
  await peer.frame();
  send({ opcode: 8, payload: Buffer.from([3, 232]) });
  stall(300);
  expect((await closed)[0]).toBe(1000);
});

const STOPPABLE_SERVER = `
  import { WebSocketServer } from "tautline";
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", pingInterval: 20, pingTimeout: 200 });
  server.on("listening", () => process.stdout.write(String(server.address().port)));
`;

const STOPPABLE_CLIENT = `
  import { connect } from "tautline";
  await connect(process.argv[1], { pingInterval: 20, pingTimeout: 200 });
`;

function run(program: string, ...args: string[]): ChildProcess {
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program, ...args], { cwd: ROOT });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  return child;
}

/** Stops the process when it has just sent a ping, so that the pong waits for it, and lets it go on much later. */
async function stopAndContinue(child: ChildProcess, connection: Connection<unknown>): Promise<void> {
  await new Promise<void>((resolve) => {
    // Within the event: the pong has not left yet.
    connection.once("ping", () => {
      child.kill("SIGSTOP");
      resolve();
    });
  });
  await new Promise((resolve) => setTimeout(resolve, 400));
  child.kill("SIGCONT");
}

describe.skipIf(process.platform === "win32")("a process that is stopped for longer than pingTimeout", () => {
  it("a stop of the process longer than pingTimeout loses no connection of a server", async () => {
    const child = run(STOPPABLE_SERVER);
    const [port] = await once(child.stdout as NodeJS.EventEmitter, "data");
    const connection = await connect(`ws://127.0.0.1:${port}`, { pingInterval: 0 });
    onTestFinished(() => connection.terminate());
    await stopAndContinue(child, connection);
    await expectAlive(connection);
  });

  it("a stop of the process longer than pingTimeout loses no connection of a client", async () => {
    const { server, url } = await serve({ pingInterval: 0 });
    const accepted = once(server, "connection") as Promise<[Connection<unknown>]>;
    const child = run(STOPPABLE_CLIENT, url);
    const [connection] = await accepted;
    await stopAndContinue(child, connection);
    await expectAlive(connection);
  });
});

describe.each(["a TCP server", "a TLS client"] as const satisfies readonly Carrier[])("over %s", (carrier) => {
  it("a peer that reads a long message slowly is alive, and roundTripTime is not the time of the download", async () => {
    const { connection, peer, role } = await carried(carrier, { pingInterval: 50, pingTimeout: 400 });
    const reader = new SlowReader(peer, role, (16 * MIB) / 1000);
    const errors: unknown[] = [];
    connection.on("close", (...args) => errors.push(args));
    connection.send(Buffer.alloc(15 * MIB));
    connection.send("behind");
    await once(connection, "drain");
    while (reader.bytes < 15 * MIB + 6) await once(connection, "pong");
    await once(connection, "pong");
    expect(errors).toEqual([]);
    expect(reader.pings).toBeGreaterThan(0);
    expect(connection.roundTripTime).toBeLessThan(2000);
  });

  it("a peer that reads slowly and then not at all is found dead", async () => {
    const { connection, peer, role } = await carried(carrier, { pingInterval: 20, pingTimeout: 200 });
    const reader = new SlowReader(peer, role, (24 * MIB) / 1000);
    const failed = once(connection, "error");
    connection.send(Buffer.alloc(10 * MIB));
    while (reader.bytes < 3 * MIB) await new Promise(setImmediate);
    reader.stop();
    expect(await failed).toEqual([expect.objectContaining({ code: "PEER_DEAD" })]);
  });
});
