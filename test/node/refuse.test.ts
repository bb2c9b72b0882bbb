import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { Duplex } from "node:stream";
import { createServer as createTlsServer } from "node:tls";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { refuse as refusal } from "../../src/handshake/application-refusal.ts";
import { RefusalError } from "../../src/handshake/refusal-error.ts";
import { Refusals } from "../../src/handshake/refusals.ts";
import { refuse } from "../../src/node/refuse.ts";
import { makeCertificate } from "../support/certificate.ts";
import { openRaw, parseResponse } from "../support/raw-peer.ts";

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  onTestFinished(() => {
    server.close();
  });
  await once(server, "listening");
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** A server that refuses as soon as bytes have come, and reports when its socket has closed. */
async function refusing(tls = false): Promise<{ port: number; gone: Promise<void> }> {
  let report = () => {};
  const gone = new Promise<void>((resolve) => {
    report = resolve;
  });
  const onSocket = (socket: Duplex) => {
    socket.on("error", () => socket.destroy());
    socket.once("close", report);
    socket.once("data", () => refuse(socket, Refusals.ORIGIN_FORBIDDEN));
  };
  const server = tls ? createTlsServer(await makeCertificate(), onSocket) : createServer(onSocket);
  return { port: await listen(server), gone };
}

describe("refuse", () => {
  // However slow the machine is, the time to linger is over only when a test says so.
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("a refusal is sent, ends the connection and releases the socket", async () => {
    const { port, gone } = await refusing();
    const peer = await openRaw(port);
    peer.send("x");
    expect(await peer.response()).toMatchObject({
      status: 403,
      headers: { connection: "close", "content-type": "text/plain; charset=utf-8" },
      body: "the Origin is not allowed here (RFC 6455 section 10.2).\n",
    });
    await gone;
  });

  it("a refusal has the length of its body in bytes", async () => {
    const chunks: Buffer[] = [];
    const socket = new Duplex({
      read() {},
      write(chunk, _encoding, callback) {
        chunks.push(chunk);
        callback();
      },
    });
    refuse(socket, refusal(403, "geschloßen ✓"));
    await once(socket, "finish");
    const { headers, body } = parseResponse(Buffer.concat(chunks).toString("latin1"));
    expect(Number(headers["content-length"])).toBe(body.length);
    expect(Buffer.from(body, "latin1").toString()).toContain("geschloßen ✓");
    socket.destroy();
  });

  it("a refusal arrives at a client that goes on sending", async () => {
    const { port, gone } = await refusing();
    const peer = await openRaw(port, { halfOpen: true });
    const chunk = Buffer.alloc(65_536);
    for (let i = 0; i < 64; i++) peer.send(chunk);
    const { status } = await peer.response();
    expect(status).toBe(403);
    // Our direction is still open, and what it sends is discarded.
    for (let i = 0; i < 64; i++) peer.send(chunk);
    peer.socket.end();
    await gone;
    await peer.close();
    expect(peer.error).toBeNull();
  });

  it("a refusal destroys the socket of a client that never ends", async () => {
    const { port, gone } = await refusing();
    const peer = await openRaw(port, { halfOpen: true });
    peer.send("x");
    await peer.end();
    vi.advanceTimersByTime(2000);
    await gone;
    expect(peer.socket.writable).toBe(true);
  });

  it.each([false, true])("a refusal arrives at a client that has ended its direction (TLS: %s)", async (tls) => {
    const { port, gone } = await refusing(tls);
    const { cert } = await makeCertificate();
    const peer = await openRaw(port, { halfOpen: true, ...(tls ? { ca: cert } : {}) });
    peer.socket.end("x");
    expect((await peer.response()).status).toBe(403);
    await gone;
  });

  it("a refusal of any length is sent whole to a client that has ended its direction", async () => {
    const message = "no ".repeat(2 << 20);
    const server = createServer((socket) => {
      socket.pause();
      socket.on("error", () => socket.destroy());
      socket.once("readable", () => refuse(socket, refusal(403, message)));
    });
    const peer = await openRaw(await listen(server), { halfOpen: true });
    peer.socket.end("x");
    const { body } = await peer.response();
    expect(body.length).toBeGreaterThan(message.length);
  });

  it("a refusal destroys a socket that cannot be written to", async () => {
    const socket = new Duplex({ read() {}, write: (_chunk, _encoding, callback) => callback() });
    socket.end();
    refuse(socket, Refusals.HOST_MISSING);
    expect(socket.destroyed).toBe(true);
  });

  it.each([
    ["a status that is no refusal", new RefusalError({ ...Refusals.HOST_MISSING, status: 200 })],
    ["304, which has no body", new RefusalError({ ...Refusals.HOST_MISSING, status: 304 })],
    [
      "a header field that ends its line",
      new RefusalError({ ...Refusals.HOST_MISSING, headers: { "X-A": "1\r\nX-B: 2" } }),
    ],
    [
      "a header field of the library's own",
      new RefusalError({ ...Refusals.HOST_MISSING, headers: { "Content-Length": "0" } }),
    ],
  ])("a refusal with %s throws, and writes nothing", (_, parts) => {
    const written: unknown[] = [];
    const socket = new Duplex({
      read() {},
      write(chunk, _encoding, callback) {
        written.push(chunk);
        callback();
      },
    });
    expect(() => refuse(socket, parts)).toThrow();
    expect(written).toEqual([]);
    expect(socket.writable).toBe(true);
    socket.destroy();
  });
});
