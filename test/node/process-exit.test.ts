/** What was sent leaves with the process that sent it, and does not need another turn of its event loop. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Connection, connect } from "../../src/index.ts";
import { CARRIERS, carried } from "../support/carriers.ts";
import { makeCertificate } from "../support/certificate.ts";
import { open, serve } from "../support/servers.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** How a process ends that has a connection. Each sends "first" and "last". */
const ENDS = {
  "send() and process.exit()": `
    connection.send("first");
    connection.send("last");
    process.exit();`,
  "send(), close() and process.exit()": `
    connection.send("first");
    connection.send("last");
    connection.close(1000, "bye");
    process.exit();`,
  "send(), close() and nothing more to do": `
    connection.send("first");
    connection.send("last");
    connection.close(1000, "bye");`,
  "send() and an exception that nobody catches": `
    connection.send("first");
    connection.send("last");
    throw new Error("on purpose");`,
  "send() of 60,000 bytes and process.exit()": `
    connection.send("first");
    connection.send(Buffer.alloc(60_000));
    connection.send("last");
    process.exit();`,
};

const IN_EXIT_LISTENER = `
    process.on("exit", () => {
      connection.send("first");
      connection.send("last");
      connection.close(1000, "bye");
      connection.terminate();
    });
    process.exit();`;

/** Runs it once the peer has said so, and nothing is left to read: unread bytes would make the system reset. */
const ON_MESSAGE = `
  const run = () => new Function("connection", end)(connection);
  connection.once("message", (when) => (when === "now" ? run() : setImmediate(run)));
`;

const SERVER = `
  import { WebSocketServer } from "tautline";
  const { tls, end } = JSON.parse(process.argv[1]);
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", tls: tls ?? undefined });
  server.on("listening", () => process.stdout.write(String(server.address().port)));
  server.on("connection", (connection) => {
    connection.on("close", () => server.close());
    ${ON_MESSAGE}
  });
`;

const CLIENT = `
  import { connect } from "tautline";
  const { tls, end, url } = JSON.parse(process.argv[1]);
  const connection = await connect(url, { tls: tls === null ? undefined : { ca: tls.cert } });
  ${ON_MESSAGE}
`;

function run(program: string, input: object): ChildProcess {
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program, JSON.stringify(input)], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "ignore"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  return child;
}

/** The texts that arrive until the connection closes. */
async function textsOf(connection: Connection<unknown>, when: string): Promise<string[]> {
  const texts: string[] = [];
  connection.on("message", (data) => {
    if (typeof data === "string") texts.push(data);
  });
  connection.send(when);
  await new Promise((resolve) => connection.once("close", resolve));
  return texts;
}

describe.each([
  // After a write, TLS takes no other one before the next turn of the event loop, which an 'exit' listener has not.
  ["TCP", false, { ...ENDS, "send() within an 'exit' listener": IN_EXIT_LISTENER }],
  ["TLS", true, ENDS],
])("over %s", (_, secure, ends) => {
  describe.each([
    ...Object.entries(ends).map(([name, end]) => [name, end, "later"] as const),
    ...Object.entries(ends)
      .filter(([name]) => name === "send() and process.exit()" || name.includes("'exit' listener"))
      .map(([name, end]) => [`${name} within a message listener`, end, "now"] as const),
  ])("%s", (_, end, when) => {
    it("the end of a process loses nothing that a server has sent", async () => {
      const tls = secure ? await makeCertificate() : null;
      const child = run(SERVER, { tls, end });
      const [port] = await once(child.stdout as NodeJS.EventEmitter, "data");
      const url = `${secure ? "wss" : "ws"}://127.0.0.1:${port}`;
      const connection = await connect(url, tls === null ? {} : { tls: { ca: tls.cert } });
      expect(await textsOf(connection, when)).toEqual(["first", "last"]);
    });

    it("the end of a process loses nothing that a client has sent", async () => {
      const tls = secure ? await makeCertificate() : null;
      const { server, url } = await serve(tls === null ? {} : { tls });
      const connected = once(server, "connection") as Promise<[Connection<unknown>]>;
      run(CLIENT, { tls, end, url });
      const [connection] = await connected;
      expect(await textsOf(connection, when)).toEqual(["first", "last"]);
    });
  });
});

describe.each(CARRIERS)("terminate() over %s", (carrier) => {
  it.each([
    ["send()", () => {}],
    ["send() and close()", (connection: Connection<unknown>) => connection.close(1000, "bye")],
  ])("terminate() sends first what was given to %s", async (_, proceed) => {
    const { connection, peer } = await carried(carrier);
    // Behind the handshake's last bytes, which TLS has not reported as written before.
    await new Promise(setImmediate);
    connection.send("first");
    connection.send(Buffer.alloc(60_000, "x"));
    connection.send("last");
    proceed(connection);
    connection.terminate();
    expect((await peer.frame()).payload.toString()).toBe("first");
    expect((await peer.frame()).payload.toString()).toBe("x".repeat(60_000));
    expect((await peer.frame()).payload.toString()).toBe("last");
  });
});

describe("the 'exit' listener of the process", () => {
  it("the process has one 'exit' listener for any number of connections, which is removed with the last", async () => {
    const before = process.listenerCount("exit");
    const { server, url } = await serve();
    const others = await serve();
    expect(process.listenerCount("exit")).toBe(before);
    const connections = [];
    for (let count = 0; count < 20; count++) connections.push(await open(count % 2 === 0 ? url : others.url));
    expect(process.listenerCount("exit")).toBe(before + 1);
    const closed = connections.map((connection) => once(connection, "close"));
    for (const connection of connections) connection.close();
    await Promise.all(closed);
    await Promise.all([server.close(), others.server.close()]);
    expect(process.listenerCount("exit")).toBe(before);
  });

  it("the end of a process flushes the other connections if one throws", async () => {
    const broken = await carried("a TCP server");
    const sound = await carried("a TCP server");
    broken.connection.send("lost");
    sound.connection.send("kept");
    Object.defineProperty(broken.peer.socket, "write", {});
    process.emit("exit", 0);
    expect((await sound.peer.frame()).payload.toString()).toBe("kept");
  });
});
