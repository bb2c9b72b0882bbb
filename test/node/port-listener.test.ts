/** A server's own port: what becomes of clients whose TLS handshake fails, and of a port that cannot be had. */
import { once } from "node:events";
import { type ConnectionOptions, connect as connectTls, type TlsOptions } from "node:tls";
import { describe, expect, it, onTestFinished } from "vitest";
import { type RefusalError, WebSocketServer } from "../../src/index.ts";
import { makeCertificate } from "../support/certificate.ts";
import { ask, openRaw, upgrade } from "../support/raw-peer.ts";
import { echo, message, open, type Serving, serve } from "../support/servers.ts";
import { watchUncaught } from "../support/uncaught.ts";

type Refused = [error: RefusalError, request: unknown, remoteAddress: string | undefined];

/** A server over TLS, and what 'refused' reports. */
async function serveTls(
  tls: TlsOptions = {},
  options: { handshakeTimeout?: number } = {},
): Promise<Serving<undefined> & { ca: string; refused: Refused[]; next: () => Promise<Refused> }> {
  const { key, cert } = await makeCertificate();
  const serving = await serve({ tls: { key, cert, ...tls }, ...options });
  const refused: Refused[] = [];
  serving.server.on("refused", (...args) => refused.push(args));
  return { ...serving, ca: cert, refused, next: () => once(serving.server, "refused") as Promise<Refused> };
}

/** A TLS client. Whether it sees an error or an end depends on the version of TLS. */
function connectClient(port: number, options: ConnectionOptions): void {
  const socket = connectTls({ port, host: "127.0.0.1", ...options });
  socket.on("error", () => {});
  onTestFinished(() => void socket.destroy());
}

function expectTlsFailed([error, request, remoteAddress]: Refused, detail: string | RegExp): void {
  expect(error).toMatchObject({ code: "TLS_FAILED", status: 0, section: "RFC 6455 section 4.2.2" });
  expect(error.message).toMatch(/^the TLS handshake failed: [^\r\n]+ \(RFC 6455 section 4\.2\.2\)$/);
  expect(error.message).toMatch(detail);
  expect(error.cause).toBeInstanceOf(Error);
  expect(request).toBeNull();
  expect(remoteAddress).toBe("127.0.0.1");
}

/** The head of a ClientHello. */
const HALF_A_HELLO = Buffer.from("16030100ca010000c60303", "hex");

describe("'refused' with the client's address", () => {
  it("plain HTTP on a TLS port is reported as TLS_FAILED, and other clients are served", async () => {
    const { server, port, url, ca, refused, next } = await serveTls();
    echo(server);
    const failure = next();
    const peer = await openRaw(port);
    peer.send(upgrade());
    expectTlsFailed(await failure, "ERR_SSL_HTTP_REQUEST, http request");
    await peer.close();
    const connection = await open(url, { tls: { ca } });
    connection.send("hi");
    expect(await message(connection)).toBe("hi");
    expect(refused).toHaveLength(1);
  });

  it("a client that rejects the certificate is reported as TLS_FAILED", async () => {
    const { port, next } = await serveTls();
    const failure = next();
    connectClient(port, {});
    expectTlsFailed(await failure, "perhaps because it rejected the certificate");
  });

  it("a client without a TLS version in common is reported as TLS_FAILED", async () => {
    const { port, next } = await serveTls({ minVersion: "TLSv1.3" });
    const failure = next();
    connectClient(port, { maxVersion: "TLSv1.2", rejectUnauthorized: false });
    expectTlsFailed(await failure, "ERR_SSL_UNSUPPORTED_PROTOCOL, unsupported protocol");
  });

  it("a client without the certificate that is asked for is reported as TLS_FAILED", async () => {
    const { port, next } = await serveTls({ requestCert: true, rejectUnauthorized: true });
    const failure = next();
    connectClient(port, { rejectUnauthorized: false });
    expectTlsFailed(await failure, "PEER_DID_NOT_RETURN_A_CERTIFICATE");
  });

  it("a client whose certificate the server rejects is reported as TLS_FAILED", async () => {
    const { key, cert } = await makeCertificate();
    const { port, next } = await serveTls({ requestCert: true, rejectUnauthorized: true, ca: [] });
    const failure = next();
    connectClient(port, { rejectUnauthorized: false, key, cert });
    expectTlsFailed(await failure, /the client's certificate was rejected, [A-Z_]+ \(/);
  });

  it("an SNICallback that fails is reported as TLS_FAILED, with its message in one line", async () => {
    const { port, next } = await serveTls({ SNICallback: (_name, done) => done(new Error("no such\r\n\tname")) });
    const failure = next();
    connectClient(port, { rejectUnauthorized: false, servername: "a.example" });
    expectTlsFailed(await failure, "failed: no such name (");
  });

  it.each([
    ["a reset", (peer: Awaited<ReturnType<typeof openRaw>>) => peer.socket.resetAndDestroy()],
    ["an end", (peer: Awaited<ReturnType<typeof openRaw>>) => peer.socket.end()],
  ])("%s in the middle of the TLS handshake is reported as TLS_FAILED", async (_, leave) => {
    const { server, port, next } = await serveTls();
    const failure = next();
    const peer = await openRaw(port);
    peer.send(HALF_A_HELLO);
    // Another client's failure shows that the server has read the bytes before.
    const other = await openRaw(port);
    other.send("x".repeat(20));
    expectTlsFailed(await failure, "TLS handshake");
    const second = once(server, "refused") as Promise<Refused>;
    leave(peer);
    expectTlsFailed(await second, "the client closed the connection");
  });

  it("a TLS handshake that is not complete within handshakeTimeout is reported as TLS_FAILED", async () => {
    const { port, next } = await serveTls({}, { handshakeTimeout: 50 });
    const failure = next();
    const peer = await openRaw(port);
    peer.send(HALF_A_HELLO);
    expectTlsFailed(await failure, "ERR_TLS_HANDSHAKE_TIMEOUT, TLS handshake timeout");
    await peer.close();
  });
});

describe("'refused'", () => {
  it.each([
    ["an end", (peer: Awaited<ReturnType<typeof openRaw>>) => peer.socket.end()],
    ["a reset", (peer: Awaited<ReturnType<typeof openRaw>>) => peer.socket.resetAndDestroy()],
  ])("no 'refused' is emitted for port scanners, which leave a TLS port without a byte (%s)", async (_, leave) => {
    const { server, port, refused, next } = await serveTls();
    for (let scan = 0; scan < 20; scan++) leave(await openRaw(port));
    // A later failure is the first that is reported.
    const failure = next();
    const peer = await openRaw(port);
    peer.send(upgrade());
    expectTlsFailed(await failure, "ERR_SSL_HTTP_REQUEST");
    await server.close({ timeout: 15_000 });
    expect(refused).toHaveLength(1);
  });

  it("no 'refused' is emitted for a TLS handshake that close() ended", async () => {
    const { server, port, refused, next } = await serveTls();
    const peer = await openRaw(port);
    peer.send(HALF_A_HELLO);
    const failure = next();
    const other = await openRaw(port);
    other.send(upgrade());
    await failure;
    let closed = false;
    server.on("close", () => {
      closed = true;
    });
    await server.close({ timeout: 0 });
    expect(closed).toBe(true);
    await peer.close();
    await new Promise(setImmediate);
    expect(refused).toHaveLength(1);
  });
});

it("'refused' has the client's address if a request over TLS is malformed", async () => {
  const { port, ca, refused } = await serveTls();
  expect((await ask(port, "nonsense\r\n\r\n", { ca })).status).toBe(400);
  expect(refused).toMatchObject([[{ code: "REQUEST_LINE_INVALID" }, null, "127.0.0.1"]]);
});

describe("a server that cannot listen", () => {
  it("a server that cannot listen throws an uncaught exception if nobody listens for 'error', as node's servers do", async () => {
    const { port } = await serve();
    const uncaught = watchUncaught();
    const second = new WebSocketServer({ port, host: "127.0.0.1" });
    for (let turn = 0; uncaught.length === 0 && turn < 1000; turn++) await new Promise(setImmediate);
    expect(uncaught).toMatchObject([{ code: "EADDRINUSE" }]);
    await second.close();
  });

  it("a server that cannot listen emits 'error' once, and can be closed although the listener throws", async () => {
    const { port } = await serve();
    const uncaught = watchUncaught();
    const second = new WebSocketServer({ port, host: "127.0.0.1" });
    const reported = new Promise<void>((resolve) => {
      second.on("error", () => {
        resolve();
        throw new Error("by the listener");
      });
    });
    await reported;
    await second.close();
    expect(uncaught.map(String)).toEqual(["Error: by the listener"]);
  });
});
