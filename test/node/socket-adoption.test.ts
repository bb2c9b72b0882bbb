import { once } from "node:events";
import type { Server as HttpServer, IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { type Duplex, PassThrough } from "node:stream";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocketServer } from "../../src/index.ts";
import { adopt } from "../../src/node/socket-adoption.ts";
import { makeCertificate } from "../support/certificate.ts";
import { CLOSE, EXAMPLE_KEY, frame, TEXT } from "../support/frames.ts";
import { openRaw, openWebSocket, type RawPeer, upgrade } from "../support/raw-peer.ts";
import { echo, serve, serveHttp } from "../support/servers.ts";
import { watchUncaught } from "../support/uncaught.ts";

const ALREADY = "this socket was given to a WebSocketServer already: to ";

/** What a call throws. */
function thrownBy(call: () => void): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}

/** A WebSocket server that is fed by hand. */
function byHand(): WebSocketServer {
  const server = new WebSocketServer({ noServer: true });
  onTestFinished(() => server.close({ timeout: 0 }));
  return server;
}

function beside(http: HttpServer): WebSocketServer {
  const server = new WebSocketServer({ server: http });
  onTestFinished(() => server.close({ timeout: 0 }));
  return server;
}

async function expectEcho(peer: RawPeer, payload = "still the only one"): Promise<void> {
  peer.send(frame({ opcode: TEXT, payload, mask: EXAMPLE_KEY }));
  expect((await peer.frame()).payload.toString()).toBe(payload);
}

/** Hangs if the server has more connections than peers. */
async function expectCloses(server: WebSocketServer, ...peers: RawPeer[]): Promise<void> {
  const closing = server.close({ timeout: 15_000 });
  for (const peer of peers) {
    expect((await peer.frame()).opcode).toBe(CLOSE);
    peer.send(frame({ opcode: CLOSE, payload: Buffer.from([3, 233]), mask: EXAMPLE_KEY }));
  }
  await closing;
  expect(server.connections.size).toBe(0);
}

type Upgrade = [request: IncomingMessage, socket: Duplex, head: Buffer];

describe.each([
  ["http", false],
  ["https", true],
])("an attached WebSocketServer (%s) and an 'upgrade' listener of the application's own", (_, secure) => {
  async function start(): Promise<{ http: HttpServer; port: number; ca: { ca?: string } }> {
    const certificate = secure ? await makeCertificate() : undefined;
    const { http, port } = await serveHttp(certificate);
    return { http, port, ca: certificate === undefined ? {} : { ca: certificate.cert } };
  }

  it("two servers make one connection of a socket: the second one throws, and the first one goes on", async () => {
    const { http, port, ca } = await start();
    const server = beside(http);
    echo(server);
    const other = byHand();
    const errors: unknown[] = [];
    http.on("upgrade", (...args: Upgrade) => {
      for (const each of [server, other]) errors.push(thrownBy(() => each.handleUpgrade(...args)));
    });
    const { peer } = await openWebSocket(port, {}, ca);
    const way = 'which answers the upgrades of its HTTP server by itself (its option "server"); to call ';
    expect(errors).toMatchObject([
      { code: "SOCKET_ALREADY_ADOPTED", message: expect.stringContaining(`${ALREADY}this one, ${way}`) },
      { code: "SOCKET_ALREADY_ADOPTED", message: expect.stringContaining(`${ALREADY}another one, ${way}`) },
    ]);
    await expectEcho(peer);
    expect([server.connections.size, other.connections.size]).toEqual([1, 0]);
    await expectCloses(server, peer);
  });

  it("two servers make one connection of a socket although the error is not caught, which is uncaught then", async () => {
    const { http, port, ca } = await start();
    const uncaught = watchUncaught();
    const server = beside(http);
    echo(server);
    http.on("upgrade", (...args: Upgrade) => server.handleUpgrade(...args));
    const { peer } = await openWebSocket(port, {}, ca);
    await expectEcho(peer);
    expect(uncaught).toMatchObject([{ code: "SOCKET_ALREADY_ADOPTED" }]);
    // The HTTP server is none the worse for it.
    const second = await openWebSocket(port, {}, ca);
    await expectEcho(second.peer);
    expect(server.connections.size).toBe(2);
    await expectCloses(server, peer, second.peer);
  });

  it("an attached server leaves a socket to an 'upgrade' listener that came first, and there is one connection", async () => {
    const { http, port, ca } = await start();
    const uncaught = watchUncaught();
    const other = byHand();
    echo(other);
    http.once("upgrade", (...args: Upgrade) => other.handleUpgrade(...args));
    const server = beside(http);
    const { peer } = await openWebSocket(port, {}, ca);
    await expectEcho(peer);
    expect([server.connections.size, other.connections.size]).toEqual([0, 1]);
    await openWebSocket(port, {}, ca);
    expect([server.connections.size, other.connections.size]).toEqual([1, 1]);
    expect(uncaught).toEqual([]);
  });
});

it("a path that no attached server has is not refused if an earlier listener has taken the socket", async () => {
  const { http, port } = await serveHttp();
  const other = byHand();
  echo(other);
  // It has gone by the time that the attached server looks for listeners of the application's.
  http.once("upgrade", (...args: Upgrade) => other.handleUpgrade(...args));
  const server = new WebSocketServer({ server: http, path: "/elsewhere" });
  onTestFinished(() => server.close({ timeout: 0 }));
  const { peer } = await openWebSocket(port);
  await expectEcho(peer);
});

it("a socket that attached servers have refused because none has its path cannot be taken afterwards", async () => {
  const { http, port } = await serveHttp();
  const server = new WebSocketServer({ server: http, path: "/elsewhere" });
  onTestFinished(() => server.close({ timeout: 0 }));
  const sockets: Socket[] = [];
  http.on("connection", (socket: Socket) => sockets.push(socket));
  const peer = await openRaw(port);
  peer.send(upgrade());
  expect((await peer.response()).status).toBe(404);
  const call = () => byHand().handleUpgrade({ rawHeaders: [] } as never, sockets[0] as Socket, Buffer.alloc(0));
  expect(thrownBy(call)).toMatchObject({
    code: "SOCKET_ALREADY_ADOPTED",
    message: expect.stringContaining("refused the request because no WebSocket has its path"),
  });
});

describe("a second handleUpgrade() for a socket", () => {
  /** One upgrade of an HTTP server, not yet answered. */
  async function upgradeOf(changes = {}): Promise<{ peer: RawPeer; args: Upgrade }> {
    const { http, port } = await serveHttp();
    const upgraded = once(http, "upgrade") as Promise<Upgrade>;
    const peer = await openRaw(port);
    peer.send(upgrade(changes));
    return { peer, args: await upgraded };
  }

  function expectRejected(server: WebSocketServer, args: Upgrade, who = "this one, by an earlier call"): void {
    expect(thrownBy(() => server.handleUpgrade(...args))).toMatchObject({
      code: "SOCKET_ALREADY_ADOPTED",
      message: expect.stringContaining(`${ALREADY}${who}`),
    });
  }

  it("a second handleUpgrade() throws while the connection is open, at the same server and at another one", async () => {
    const { peer, args } = await upgradeOf();
    const server = byHand();
    echo(server);
    server.handleUpgrade(...args);
    expectRejected(server, args);
    expectRejected(byHand(), args, "another one, by an earlier call of handleUpgrade()");
    await peer.head();
    await expectEcho(peer);
    expect(server.connections.size).toBe(1);
    await expectCloses(server, peer);
  });

  it("a second handleUpgrade() throws while the first is in its handshake, which goes on", async () => {
    const { peer, args } = await upgradeOf();
    let admit = (_user: string) => {};
    const verdict = new Promise<string>((resolve) => {
      admit = resolve;
    });
    const server = new WebSocketServer({ noServer: true, authenticate: () => verdict });
    onTestFinished(() => server.close({ timeout: 0 }));
    echo(server);
    server.handleUpgrade(...args);
    expectRejected(server as never, args);
    admit("ada");
    await peer.head();
    await expectEcho(peer);
    expect(server.connections.size).toBe(1);
  });

  it("a second handleUpgrade() throws after a refusal, which is sent once", async () => {
    const { peer, args } = await upgradeOf({ Host: null });
    const server = byHand();
    let refused = 0;
    server.on("refused", () => refused++);
    server.handleUpgrade(...args);
    expectRejected(server, args);
    const { status, body } = await peer.response();
    expect([status, body.match(/HTTP/g)]).toEqual([400, null]);
    await peer.close();
    expectRejected(server, args);
    expect(refused).toBe(1);
  });

  it("a second handleUpgrade() throws after the connection has closed", async () => {
    const { peer, args } = await upgradeOf();
    const server = byHand();
    const connected = once(server, "connection");
    server.handleUpgrade(...args);
    const [connection] = await connected;
    const closed = new Promise((resolve) => connection.on("close", resolve));
    peer.socket.destroy();
    await closed;
    expectRejected(server, args);
    expect(server.connections.size).toBe(0);
  });

  it("a second handleUpgrade() throws after a closed server has refused the socket", async () => {
    const { peer, args } = await upgradeOf();
    const server = byHand();
    await server.close();
    server.handleUpgrade(...args);
    expectRejected(server, args);
    expect((await peer.response()).status).toBe(503);
  });

  it("a second handleUpgrade() throws for a socket that had closed before the first", async () => {
    const { args } = await upgradeOf();
    args[1].destroy();
    const server = byHand();
    server.handleUpgrade(...args);
    expectRejected(server, args);
    expect(server.connections.size).toBe(0);
  });

  it("handleUpgrade() throws for a socket that a server has accepted on its own port", async () => {
    const { server, port } = await serve();
    echo(server);
    const connected = once(server, "connection");
    const { peer } = await openWebSocket(port);
    const [, request] = await connected;
    const call = () => byHand().handleUpgrade({ rawHeaders: [] } as never, request.socket, Buffer.alloc(0));
    expect(thrownBy(call)).toMatchObject({
      code: "SOCKET_ALREADY_ADOPTED",
      message: `${ALREADY}another one, which accepted it on its own port`,
    });
    await expectEcho(peer);
  });
});

describe("handleUpgrade() without a socket", () => {
  const message = { method: "GET", url: "/", httpVersion: "1.1", rawHeaders: [] } as unknown as IncomingMessage;

  it.each([
    ["undefined", undefined],
    ["null", null],
    ["a number", 1],
    ["a string", "socket"],
    ["a plain object", {}],
    ["the request", message],
    ["a function", () => {}],
  ])("handleUpgrade() throws for %s, and begins nothing", async (_, socket) => {
    const server = byHand();
    let refused = 0;
    server.on("refused", () => refused++);
    const error = thrownBy(() => server.handleUpgrade(message, socket as never, Buffer.alloc(0)));
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({
      code: "ARGUMENT_INVALID",
      message: expect.stringMatching(
        /^the socket for handleUpgrade\(\) must be the socket of the request, or another Duplex/,
      ),
    });
    await server.close();
    expect(refused).toBe(0);
  });

  it("handleUpgrade() takes a socket after a call with an invalid head has thrown", () => {
    const socket = new PassThrough();
    const server = byHand();
    expect(() => server.handleUpgrade(message, socket, undefined as never)).toThrow();
    expect(thrownBy(() => server.handleUpgrade(message, socket, Buffer.alloc(0)))).toBeUndefined();
    socket.destroy();
  });
});

describe("adopt", () => {
  it("adopt() takes the Duplex of another stream library, which only has the methods", () => {
    const methods = ["on", "off", "once", "write", "end", "pause", "resume", "destroy"];
    const foreign = Object.fromEntries(methods.map((name) => [name, () => {}])) as unknown as Duplex;
    const adopter = { server: {}, way: "somehow" };
    expect(thrownBy(() => adopt(foreign, adopter))).toBeUndefined();
    expect(() => adopt(foreign, { ...adopter })).toThrow(`${ALREADY}this one, somehow`);
  });
});
