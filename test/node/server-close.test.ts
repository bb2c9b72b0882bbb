/** server.close() ends by its timeout, whatever connections, handshakes, sockets and listeners do. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { Duplex } from "node:stream";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { type Connection, type HandshakeOptions, WebSocketServer } from "../../src/index.ts";
import { type Carrier, isSecure, listening, SERVER_CARRIERS } from "../support/carriers.ts";
import { makeCertificate } from "../support/certificate.ts";
import { CLOSE, decodeFrame, EXAMPLE_KEY, frame, TEXT } from "../support/frames.ts";
import { ask, openRaw, openWebSocket, type RawPeer, upgrade } from "../support/raw-peer.ts";
import { refusals } from "../support/servers.ts";
import { watchUncaught } from "../support/uncaught.ts";

interface Started<Auth> {
  readonly server: WebSocketServer<Auth>;
  readonly port: number;
  /** For the client: over TLS, what it trusts. */
  readonly ca: { readonly ca?: string };
}

type Start = <Auth = undefined>(options?: HandshakeOptions<Auth>) => Promise<Started<Auth>>;

const startAs =
  (carrier: Carrier): Start =>
  async (options = {}) => {
    const { server, port } = await listening(carrier, options);
    return { server, port, ca: isSecure(carrier) ? { ca: (await makeCertificate()).cert } : {} };
  };

const never = () => new Promise<never>(() => {});
const text = (payload: string | Buffer) => frame({ opcode: TEXT, payload, mask: EXAMPLE_KEY });

function nextConnection<Auth>(server: WebSocketServer<Auth>): Promise<Connection<Auth>> {
  return new Promise((resolve) => server.once("connection", resolve));
}

describe.each(SERVER_CARRIERS)("close() of %s", (carrier) => {
  const start = startAs(carrier);

  it.each([0, 20])(
    "server.close() ends connections whose peers do not answer after its timeout (%i ms)",
    async (timeout) => {
      const { server, port, ca } = await start({ closeTimeout: 600_000 });
      const { peer } = await openWebSocket(port, {}, { halfOpen: true, ...ca });
      let closes = 0;
      for (const connection of server.connections) connection.on("close", () => closes++);
      await server.close({ timeout });
      expect([closes, server.connections.size]).toEqual([1, 0]);
      await peer.end();
    },
  );

  it("server.close() ends connections that are paused, with messages waiting and more arriving", async () => {
    const { server, port, ca } = await start({ closeTimeout: 600_000, maxQueuedAmount: 1024 });
    const connected = nextConnection(server);
    const { peer } = await openWebSocket(port, {}, { halfOpen: true, ...ca });
    (await connected).pause();
    for (let message = 0; message < 64; message++) peer.send(text(Buffer.alloc(65_536)));
    await server.close({ timeout: 20 });
    expect(server.connections.size).toBe(0);
    // It is reset if the server had not read everything.
    await peer.until("the end", () => peer.ended || peer.closed);
  });

  it("server.close() refuses a handshake whose authenticate never settles, and 'refused' has its request", async () => {
    const asked = withResolvers();
    const { server, port, ca } = await start({
      authenticate: () => {
        asked.resolve();
        return never();
      },
    });
    const refused: unknown[] = [];
    server.on("refused", (...args) => refused.push(...args));
    const peer = await openRaw(port, ca);
    peer.send(upgrade());
    await asked.promise;
    await server.close({ timeout: 15_000 });
    expect((await peer.response()).status).toBe(503);
    expect(refused).toMatchObject([{ code: "SERVER_CLOSING" }, { url: "/chat" }, "127.0.0.1"]);
  });

  it("server.close() destroys the socket of a client that was refused and stays", async () => {
    const { server, port, ca } = await start();
    const { peer, socket } = await refusedAndStaying(server, port, ca);
    expect(socket.destroyed).toBe(false);
    await server.close({ timeout: 0 });
    expect(socket.destroyed).toBe(true);
    expect(peer.socket.writable).toBe(true);
  });

  it("server.close() resolves although a listener of 'close' throws, whose exception is uncaught", async () => {
    const uncaught = watchUncaught();
    const { server, port, ca } = await start();
    await openWebSocket(port, {}, ca);
    for (const connection of server.connections) {
      connection.on("close", () => {
        throw new Error("by a connection's");
      });
    }
    server.on("close", () => {
      throw new Error("by the server's");
    });
    const closing = server.close({ timeout: 0 });
    expect(server.close()).toBe(closing);
    await expect(closing).resolves.toBeUndefined();
    await new Promise(setImmediate);
    expect(uncaught.map(String)).toEqual(["Error: by a connection's", "Error: by the server's"]);
  });

  it.each<[string, (closing: <Value>(value: Value) => () => Value) => HandshakeOptions<boolean>]>([
    ["path", (closing) => ({ path: closing(true) })],
    ["origins", (closing) => ({ origins: closing(true) })],
    ["protocols", (closing) => ({ protocols: closing(null) })],
    ["authenticate", (closing) => ({ authenticate: closing(true) })],
    ["headers", (closing) => ({ headers: closing({}) })],
  ])("server.close() within its %s function refuses the request, and makes no connection", async (_, options) => {
    const closing: Promise<void>[] = [];
    const closeAndReturn = <Value>(value: Value) => {
      return () => {
        closing.push(server.close({ timeout: 15_000 }));
        return value;
      };
    };
    const { server, port, ca } = await start<boolean>({ origins: "*", ...options(closeAndReturn) });
    let connections = 0;
    server.on("connection", () => connections++);
    const refused = refusals(server);
    const peer = await openRaw(port, ca);
    peer.send(upgrade({ Origin: "https://a.example", "Sec-WebSocket-Protocol": "a" }));
    expect((await peer.response()).status).toBe(503);
    await Promise.all(closing);
    expect(closing.length).toBeGreaterThan(0);
    expect([connections, server.connections.size]).toEqual([0, 0]);
    expect(refused).toMatchObject([{ code: "SERVER_CLOSING" }]);
  });

  it("server.close() within 'connection' closes that connection in order", async () => {
    const { server, port, ca } = await start();
    const closing = new Promise<Promise<void>>((resolve) => {
      server.on("connection", () => resolve(server.close({ timeout: 15_000 })));
    });
    const { peer } = await openWebSocket(port, {}, ca);
    const { opcode, payload } = await peer.frame();
    expect([opcode, payload.readUInt16BE()]).toEqual([CLOSE, 1001]);
    peer.send(frame({ opcode: CLOSE, payload, mask: EXAMPLE_KEY }));
    await closing;
    expect(server.connections.size).toBe(0);
  });

  it("server.close() within 'refused' is fulfilled", async () => {
    const { server, port, ca } = await start();
    const closing = new Promise<Promise<void>>((resolve) => {
      server.on("refused", () => resolve(server.close({ timeout: 15_000 })));
    });
    expect((await ask(port, upgrade({ Host: null }), ca)).status).toBe(400);
    await closing;
  });
});

/** A client that goes on sending after it was refused, and the socket of it on the server's side. */
async function refusedAndStaying<Auth>(
  server: WebSocketServer<Auth>,
  port: number,
  ca: { readonly ca?: string },
): Promise<{ peer: RawPeer; socket: Duplex }> {
  const refused = once(server, "refused");
  const peer = await openRaw(port, { halfOpen: true, ...ca });
  peer.send(upgrade({ Host: "a/b" }));
  const [, request] = await refused;
  await peer.end();
  return { peer, socket: request.socket };
}

describe("close() of a server on its own port", () => {
  it.each([
    ["TCP", false],
    ["TLS", true],
  ])("server.close() ends clients in the middle of their request (%s)", async (_, secure) => {
    const { server, port, ca } = await startAs(secure ? "a TLS server" : "a TCP server")({ handshakeTimeout: 600_000 });
    const peer = await openRaw(port, { halfOpen: true, ...ca });
    peer.send("GET / HTTP/1.1\r\nHost: ");
    // A refusal shows that the server has read what was sent before it.
    await ask(port, upgrade({ Host: null }), ca);
    await server.close({ timeout: 0 });
    await peer.end();
    expect(peer.received.toString(), "it is refused, or destroyed before that arrives").toMatch(/^$|^HTTP\/1\.1 503 /);
    expect(peer.ended).toBe(true);
  });

  it("server.close() ends clients in the middle of their TLS handshake", async () => {
    const { server, port, ca } = await startAs("a TLS server")({ handshakeTimeout: 600_000 });
    const silent = await openRaw(port);
    const halfway = await openRaw(port);
    halfway.send(Buffer.from("16030100ca010000c60303", "hex"));
    await ask(port, upgrade({ Host: null }), ca);
    await server.close({ timeout: 0 });
    await silent.close();
    await halfway.close();
    expect([silent.received.length, halfway.closed]).toEqual([0, true]);
  });
});

/** A Duplex that takes what is written, and whose peer is the test. */
class Wire extends Duplex {
  written = Buffer.alloc(0);

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.written = Buffer.concat([this.written, chunk]);
    done();
  }
}

/** One that never closes. */
class StuckWire extends Wire {
  override _destroy(): void {}
}

/** One that throws, as long as the test runs. */
class ThrowingWire extends Wire {
  isHarmless = false;

  override destroy(): this {
    if (this.isHarmless) return this;
    throw new Error("destroy() of the application's own");
  }
}

describe("close() of a server whose sockets are Duplexes of the application's own", () => {
  const rawHeaders = upgrade()
    .split("\r\n")
    .slice(1, -2)
    .flatMap((line) => line.split(": "));
  const request = (method = "GET") => ({ method, url: "/", httpVersion: "1.1", rawHeaders }) as IncomingMessage;
  const NO_BYTES = Buffer.alloc(0);

  it("server.close() does not wait for a Duplex that never closes, as a connection, refused or in its handshake", async () => {
    const server = new WebSocketServer<boolean>({
      noServer: true,
      closeTimeout: 50,
      authenticate: ({ method }) => (method === "GET" ? never() : true),
    });
    const open = new WebSocketServer({ noServer: true, closeTimeout: 50 });
    const [pending, refused, connected] = [new StuckWire(), new StuckWire(), new StuckWire()];
    server.handleUpgrade(request(), pending, NO_BYTES);
    server.handleUpgrade(request("POST"), refused, NO_BYTES);
    open.handleUpgrade(request(), connected, NO_BYTES);
    expect(open.connections.size).toBe(1);
    await Promise.all([server.close({ timeout: 10 }), open.close({ timeout: 10 })]);
    expect(pending.written.toString()).toContain(" 503 ");
    expect(refused.written.toString()).toContain(" 405 ");
    const sent = connected.written;
    expect(decodeFrame(sent.subarray(sent.indexOf("\r\n\r\n") + 4))?.opcode).toBe(CLOSE);
    expect([pending.destroyed, refused.destroyed, connected.destroyed]).toEqual([true, true, true]);
  });

  it("server.close() ends the other Duplexes if some throw, whose exceptions are uncaught", async () => {
    const uncaught = watchUncaught();
    const server = new WebSocketServer({ noServer: true });
    const wires = [new ThrowingWire(), new Wire(), new ThrowingWire(), new Wire()];
    for (const [index, wire] of wires.entries()) {
      server.handleUpgrade(request(index < 2 ? "GET" : "POST"), wire, NO_BYTES);
    }
    expect(server.connections.size).toBe(2);
    let closes = 0;
    server.on("close", () => closes++);
    await server.close({ timeout: 0 });
    expect(closes).toBe(1);
    expect([wires[1]?.destroyed, wires[3]?.destroyed]).toEqual([true, true]);
    await new Promise(setImmediate);
    expect(new Set(uncaught.map(String))).toEqual(new Set(["Error: destroy() of the application's own"]));
    for (const wire of wires) if (wire instanceof ThrowingWire) wire.isHarmless = true;
  });
});

it("after server.close() nothing of a server keeps the process alive", async () => {
  const program = `
    import { once } from "node:events";
    import { createServer } from "node:http";
    import { connect as connectTcp } from "node:net";
    import { WebSocketServer } from ${JSON.stringify(new URL("../../dist/index.js", import.meta.url).href)};
    const { key, cert } = JSON.parse(process.argv[1]);
    const never = () => new Promise(() => {});
    const options = { closeTimeout: 600_000, handshakeTimeout: 600_000, pingInterval: 600_000 };
    const request = ${JSON.stringify(upgrade())};
    for (const secure of [false, true]) {
      const server = new WebSocketServer({ port: 0, host: "127.0.0.1", ...options, ...(secure ? { tls: { key, cert } } : {}) });
      await once(server, "listening");
      const client = connectTcp({ port: server.address().port, host: "127.0.0.1", allowHalfOpen: true }).unref();
      await once(client, "connect");
      client.write(secure ? Buffer.from([22, 3, 1]) : request);
      if (!secure) await once(server, "connection");
      await server.close({ timeout: 10 });
    }
    const http = createServer().listen(0, "127.0.0.1");
    const attached = new WebSocketServer({ server: http, ...options, authenticate: never });
    await once(attached, "listening");
    const client = connectTcp({ port: attached.address().port, host: "127.0.0.1", allowHalfOpen: true }).unref();
    client.write(request);
    await once(http, "upgrade");
    await attached.close({ timeout: 10 });
    http.close();
    new WebSocketServer({ server: http, ...options }).close();
    console.log("closed");
  `;
  const certificate = JSON.stringify(await makeCertificate());
  const run = promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program, certificate]);
  expect((await run).stdout).toBe("closed\n");
});

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((fulfil) => {
    resolve = fulfil;
  });
  return { promise, resolve };
}
