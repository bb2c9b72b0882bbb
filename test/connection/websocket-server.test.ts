import { once } from "node:events";
import { createServer as createHttpServer, type IncomingMessage } from "node:http";
import { Duplex } from "node:stream";
import fc from "fast-check";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import {
  type Connection,
  connect,
  type UpgradeRequest,
  WebSocketServer,
  type WebSocketServerOptions,
} from "../../src/index.ts";
import { makeCertificate } from "../support/certificate.ts";
import { BINARY, CLOSE, decodeFrame, EXAMPLE_KEY, frame, PING, TEXT } from "../support/frames.ts";
import { ask, openRaw, openWebSocket, upgrade } from "../support/raw-peer.ts";
import { runs } from "../support/runs.ts";
import { closed, echo, message, open, refusals, serve, serveHttp } from "../support/servers.ts";

const mask = EXAMPLE_KEY;
const closeFrame = (code: number) => frame({ opcode: CLOSE, payload: Buffer.from([code >> 8, code & 255]), mask });

/** How many sockets keep the process alive. */
async function openSockets(): Promise<number> {
  // Sockets are let go in a turn after their close event.
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
  const kinds = ["TCPSocketWrap", "TCPServerWrap", "TCPConnectWrap", "TLSWrap"];
  return process.getActiveResourcesInfo().filter((name) => kinds.includes(name)).length;
}

/** The timers that src sets from now on and that are neither cleared nor over. */
function watchTimers(): Set<NodeJS.Timeout> {
  const running = new Set<NodeJS.Timeout>();
  for (const [set, clear] of [
    ["setTimeout", "clearTimeout"],
    ["setInterval", "clearInterval"],
  ] as const) {
    const [realSet, realClear] = [globalThis[set], globalThis[clear]];
    const spies = [
      vi.spyOn(globalThis, set).mockImplementation(((callback: () => void, delay: number) => {
        const timer: NodeJS.Timeout = realSet(() => {
          if (set === "setTimeout") running.delete(timer);
          callback();
        }, delay);
        if (/[/\\]src[/\\](node|connection)[/\\]/.test(new Error().stack ?? "")) running.add(timer);
        return timer;
      }) as never),
      vi.spyOn(globalThis, clear).mockImplementation(((timer: NodeJS.Timeout) => {
        running.delete(timer);
        realClear(timer);
      }) as never),
    ];
    onTestFinished(() => {
      for (const spy of spies) spy.mockRestore();
    });
  }
  return running;
}

describe("the public face", () => {
  /** The lines of the README. */
  it("a server and a client work as the README shows them, over TLS", async () => {
    const { key, cert } = await makeCertificate();
    const origins = "*";
    const server = new WebSocketServer({
      port: 0,
      host: "127.0.0.1",
      tls: { key, cert },
      maxPayload: 1 << 20,
      perMessageDeflate: { threshold: 0 },
      protocols: ["chat"],
      origins,
    });
    onTestFinished(() => server.close());
    const closes: unknown[] = [];
    await new Promise<void>((resolve) => {
      server.on("listening", () => {
        expect(server.address().port).toBeGreaterThan(0);
        resolve();
      });
    });
    server.on("connection", (connection, request) => {
      expect(request.url).toBe("/path");
      connection.on("message", (data) => connection.send(data));
      connection.on("close", (code, reason) => closes.push(code, reason));
    });
    const signal = new AbortController().signal;
    const connection = await connect(`wss://127.0.0.1:${server.address().port}/path`, {
      protocols: ["chat"],
      headers: { "X-Own": "1" },
      perMessageDeflate: true,
      maxPayload: 1 << 20,
      handshakeTimeout: 60_000,
      signal,
      tls: { ca: cert },
    });
    expect(connection.protocol).toBe("chat");
    connection.send("text");
    expect(await message(connection)).toBe("text");
    connection.send(Buffer.from([0, 255]));
    expect(await message(connection)).toEqual(Buffer.from([0, 255]));

    expect(server.connections.size).toBe(1);
    expect([...server.connections]).toHaveLength(1);
    server.broadcast("to all");
    expect(await message(connection)).toBe("to all");

    const ending = closed(connection);
    await server.close();
    expect(await ending).toEqual([1001, "the server is closing"]);
    expect(closes).toEqual([1001, "the server is closing"]);
    expect(server.connections.size).toBe(0);
  });

  it.each([true, false, {}, { threshold: 1024 }])(
    "a server and a client accept perMessageDeflate: %j",
    async (perMessageDeflate) => {
      const { server, url } = await serve({ perMessageDeflate });
      echo(server);
      const connection = await open(url, { perMessageDeflate });
      connection.send("hi");
      expect(await message(connection)).toBe("hi");
      expect(connection.extensions).toBe(perMessageDeflate === false ? "" : "permessage-deflate");
    },
  );

  it("a server emits a connection in time for its first message and its close", async () => {
    const { server, port } = await serve();
    const ending = new Promise<unknown[]>((resolve) => {
      const all: unknown[] = [];
      server.on("connection", (connection) => {
        connection.on("message", (data) => all.push(data));
        connection.on("close", (code) => resolve([...all, code]));
      });
    });
    const peer = await openRaw(port);
    peer.send(Buffer.concat([Buffer.from(upgrade()), frame({ opcode: TEXT, payload: "now", mask }), closeFrame(1000)]));
    expect(await ending).toEqual(["now", 1000]);
  });

  it("a connection of a server has the peer's address", async () => {
    const { server, url } = await serve();
    const connected = once(server, "connection");
    const connection = await open(url);
    expect(connection.remoteAddress).toBe("127.0.0.1");
    expect((await connected)[0].remoteAddress).toBe("127.0.0.1");
  });

  it("a broadcast goes to all open connections and to no other", async () => {
    const { server, url } = await serve();
    const clients = await Promise.all([open(url, { concurrent: true }), open(url, { concurrent: true })]);
    const gone = await open(url);
    gone.close();
    await closed(gone);
    const messages = Promise.all(clients.map(message));
    server.broadcast(Buffer.from("all"));
    expect(await messages).toEqual([Buffer.from("all"), Buffer.from("all")]);
  });

  it("a connection that fails does not affect the others", async () => {
    const { server, url, port } = await serve();
    const errors: unknown[] = [];
    server.on("connection", (connection) => {
      connection.on("message", (data) => connection.send(data));
      connection.on("close", (_code, _reason, error) => errors.push(error?.code));
    });
    const good = await open(url);
    const { peer } = await openWebSocket(port);
    peer.send(frame({ opcode: TEXT, payload: "not masked" }));
    const answer = await peer.frame();
    expect(answer).toMatchObject({ opcode: CLOSE });
    expect(answer.payload.readUInt16BE()).toBe(1002);
    await peer.end();
    good.send("still here");
    expect(await message(good)).toBe("still here");
    expect(errors).toEqual(["MASK_MISSING"]);
  });
});

describe("random bytes after the handshake", () => {
  it("random bytes after the handshake neither end the process nor affect another connection", async () => {
    const { server, url, port } = await serve({ maxPayload: 1 << 16, closeTimeout: 100 });
    const gone = new Map<string, () => void>();
    server.on("connection", (connection, request) => {
      connection.on("message", (data) => connection.send(data));
      connection.on("close", () => gone.get(request.url)?.());
    });
    const good = await open(`${url}/good`);
    let count = 0;
    const anyByte = fc.uint8Array({ minLength: 1, maxLength: 200 });
    // Bytes that look like frames get further than any others.
    const nearlyFrame = fc
      .tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 126, max: 255 }), anyByte)
      .map(([first, second, rest]) => Uint8Array.of(first, second, ...rest));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(anyByte, nearlyFrame), { minLength: 1, maxLength: 4 }), async (pieces) => {
        const path = `/bad/${count++}`;
        const closed = new Promise<void>((resolve) => gone.set(path, resolve));
        const peer = await openRaw(port);
        peer.send(upgrade({}, `GET ${path} HTTP/1.1`));
        await peer.head();
        for (const piece of pieces) peer.send(piece);
        peer.socket.end();
        good.send(path);
        expect(await message(good)).toBe(path);
        await closed;
        peer.socket.destroy();
      }),
      { seed: 6455, numRuns: runs(2) },
    );
    expect(server.connections.size).toBe(1);
  });

  it("random bytes instead of a request are answered or discarded, and affect no other connection", async () => {
    const { server, url, port } = await serve();
    echo(server);
    const good = await open(url);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 100 }), async (bytes) => {
        const peer = await openRaw(port);
        peer.socket.end(bytes);
        await peer.close();
        expect(peer.received.toString("latin1")).toMatch(/^(HTTP\/1\.1 4\d\d |$)/);
        good.send(bytes);
        expect(await message(good)).toEqual(Buffer.from(bytes));
      }),
      { seed: 6455, numRuns: runs(1) },
    );
  });
});

describe("who ends TCP first (RFC 6455 section 7.1.1)", () => {
  it("RFC 6455 section 7.1.1: the server ends TCP first, right after it has answered the client's Close frame", async () => {
    const { port } = await serve();
    const { peer } = await openWebSocket(port, {}, { halfOpen: true });
    peer.send(closeFrame(1000));
    expect((await peer.frame()).payload.readUInt16BE()).toBe(1000);
    await peer.end();
    expect(peer.socket.writable).toBe(true);
  });

  it("RFC 6455 section 7.1.1: the server ends TCP first, right after the client has answered its Close frame", async () => {
    const { server, port } = await serve();
    server.on("connection", (connection) => connection.close(4000, "enough"));
    const { peer } = await openWebSocket(port, {}, { halfOpen: true });
    const { opcode, payload } = await peer.frame();
    expect([opcode, payload.readUInt16BE(), payload.toString("utf8", 2)]).toEqual([CLOSE, 4000, "enough"]);
    expect(peer.ended).toBe(false);
    peer.send(closeFrame(4000));
    await peer.end();
    expect(peer.socket.writable).toBe(true);
  });

  it("a client that never ends its side of TCP is cut off after closeTimeout", async () => {
    const { server, port } = await serve({ closeTimeout: 50 });
    const closing = new Promise<unknown[]>((resolve) => {
      server.on("connection", (connection) => connection.on("close", (...args) => resolve(args)));
    });
    const { peer } = await openWebSocket(port, {}, { halfOpen: true });
    peer.send(closeFrame(1000));
    await peer.end();
    expect(await closing).toEqual([1000, "", null]);
  });
});

describe("close()", () => {
  it("server.close() sends 1001 to all, accepts nobody any more and is fulfilled when all are closed", async () => {
    const { server, url, port } = await serve();
    const clients = [await open(url), await open(url)];
    const ending = Promise.all(clients.map(closed));
    let closes = 0;
    server.on("close", () => closes++);
    await server.close();
    expect(await ending).toEqual([
      [1001, "the server is closing"],
      [1001, "the server is closing"],
    ]);
    expect(server.connections.size).toBe(0);
    expect(closes).toBe(1);
    await expect(connect(url)).rejects.toMatchObject({ code: "CONNECTION_REFUSED" });
    await expect(openRaw(port)).rejects.toThrow("ECONNREFUSED");
  });

  it("server.close() returns the same promise each time", async () => {
    const { server } = await serve();
    let closes = 0;
    server.on("close", () => closes++);
    const first = server.close();
    expect(server.close()).toBe(first);
    await first;
    expect(server.close({ timeout: 1 })).toBe(first);
    await server.close();
    expect(closes).toBe(1);
  });

  it("server.close() sends what was sent before first", async () => {
    const { server, url } = await serve();
    const connected = once(server, "connection");
    const client = await open(url);
    const [connection] = await connected;
    const data = Buffer.alloc(4 << 20, 7);
    const got = message(client);
    connection.send(data);
    const ending = closed(client);
    await server.close();
    expect(data.equals((await got) as Buffer)).toBe(true);
    expect(await ending).toEqual([1001, "the server is closing"]);
  });

  it("server.close() terminates clients that do not answer within its timeout", async () => {
    const { server, port } = await serve();
    const { peer } = await openWebSocket(port, {}, { halfOpen: true });
    const [connection] = server.connections;
    const ending = once(connection as Connection, "close");
    await server.close({ timeout: 50 });
    expect((await ending)[0]).toBe(1006);
    const { opcode, payload } = await peer.frame();
    expect([opcode, payload.readUInt16BE()]).toEqual([CLOSE, 1001]);
    await peer.end();
  });

  it("server.close() refuses pending handshakes with 503", async () => {
    const { server, port } = await serve({ authenticate: () => new Promise<never>(() => {}) });
    const refused = refusals(server);
    const asked = await openRaw(port);
    asked.send(upgrade());
    const halfway = await openRaw(port);
    halfway.send("GET / HTTP/1.1\r\n");
    // The refusal of a third request shows that the server has read those before it.
    await ask(port, upgrade({ Host: null }));
    const closing = server.close();
    for (const peer of [asked, halfway]) {
      const response = await peer.response();
      expect(response.status).toBe(503);
      expect(response.body).toContain("the server is closing (RFC 6455 section 4.2.2)");
    }
    await closing;
    expect(refused.map(({ code }) => code)).toEqual(["HOST_MISSING", "SERVER_CLOSING", "SERVER_CLOSING"]);
  });

  it("server.close() does not wait beyond its timeout for a refused client that stays", async () => {
    const { server, port } = await serve();
    const peer = await openRaw(port, { halfOpen: true });
    peer.send("POST / HTTP/1.1\r\n\r\n");
    await peer.end();
    await server.close({ timeout: 20 });
    expect(peer.socket.writable).toBe(true);
  });

  it("server.close() does not wait beyond its timeout for a client that never finishes the TLS handshake", async () => {
    const { server, port } = await serve({ tls: await makeCertificate() });
    const peer = await openRaw(port);
    const connected = once(server, "connection");
    const { cert } = await makeCertificate();
    await openWebSocket(port, {}, { ca: cert });
    // The later connection was accepted, so the earlier one was.
    await connected;
    await server.close({ timeout: 50 });
    await peer.close();
    expect(peer.received, "nothing was sent to it").toHaveLength(0);
    expect(server.connections.size).toBe(0);
  });

  it("server.close() ends sockets that come while the application handles 'listening'", async () => {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    const closing = await new Promise<Promise<void>>((resolve) => {
      server.on("listening", () => resolve(server.close()));
    });
    await closing;
    expect(() => server.address()).toThrow("the server does not listen on a port: it was closed");
  });

  it("server.close() before 'listening' leaves no port open", async () => {
    const before = await openSockets();
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    let listening = 0;
    server.on("listening", () => listening++);
    await server.close();
    // A later one is listening, so this one would be.
    const other = await serve();
    await other.server.close();
    expect(listening).toBe(0);
    expect(await openSockets()).toBe(before);
  });

  it("a closed server refuses an upgrade that it is given with 503", async () => {
    const { http, port } = await serveHttp();
    const server = new WebSocketServer({ noServer: true });
    await server.close();
    http.on("upgrade", (request, socket, head) => server.handleUpgrade(request, socket, head));
    expect((await ask(port, upgrade())).status).toBe(503);
  });

  it.each([-1, 1.5, Number.NaN, "1", 2 ** 31])("server.close() rejects a timeout of %j", (timeout) => {
    const server = new WebSocketServer({ noServer: true });
    expect(() => server.close({ timeout } as { timeout: number })).toThrow(/^timeout must be a whole number/);
  });

  it("server.close() leaves no socket and no timer behind", async () => {
    const before = await openSockets();
    const timers = watchTimers();
    let most = 0;
    const { key, cert } = await makeCertificate();
    for (const tls of [undefined, { key, cert }]) {
      const server = new WebSocketServer({
        port: 0,
        host: "127.0.0.1",
        pingInterval: 1000,
        ...(tls === undefined ? {} : { tls }),
      });
      await once(server, "listening");
      echo(server);
      const url = `${tls === undefined ? "ws" : "wss"}://127.0.0.1:${server.address().port}`;
      const connection = await connect(url, tls === undefined ? {} : { tls: { ca: cert } });
      connection.send("hi");
      await message(connection);
      const ending = closed(connection);
      most = Math.max(most, timers.size);
      await expect(
        connect(url, {
          headers: { Origin: "https://evil.example" },
          ...(tls === undefined ? {} : { tls: { ca: cert } }),
        }),
      ).rejects.toThrow("403");
      await server.close();
      await ending;
    }
    expect(await openSockets()).toBe(before);
    expect(most).toBeGreaterThan(0);
    expect(timers).toEqual(new Set());
  });
});

describe("listening", () => {
  it("a server emits an 'error' if its port is taken", async () => {
    const { port } = await serve();
    const second = new WebSocketServer({ port, host: "127.0.0.1" });
    const [error] = await once(second, "error");
    expect(error).toMatchObject({ code: "EADDRINUSE" });
    expect(() => second.address()).toThrow(`the server does not listen on a port: ${error.message}`);
    await second.close();
  });

  it("a server has no address before 'listening', without a port, and on a pipe", async () => {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    expect(() => server.address()).toThrow("the server does not listen on a port: wait for its 'listening' event");
    await once(server, "listening");
    expect(server.address()).toMatchObject({ address: "127.0.0.1", family: "IPv4" });
    await server.close();
    expect(() => new WebSocketServer({ noServer: true }).address()).toThrow("does not listen on a port");
  });

  it("a TLS server goes on after a client that sends garbage", async () => {
    const { key, cert } = await makeCertificate();
    const { server, port, url } = await serve({ tls: { key, cert } });
    echo(server);
    const peer = await openRaw(port);
    peer.send(upgrade());
    await peer.close();
    expect(peer.received.toString("latin1")).not.toContain("HTTP");
    const connection = await open(url, { tls: { ca: cert } });
    connection.send("hi");
    expect(await message(connection)).toBe("hi");
  });

  it("a TLS handshake that is not over within handshakeTimeout is ended", async () => {
    const { port } = await serve({ tls: await makeCertificate(), handshakeTimeout: 50 });
    const peer = await openRaw(port);
    await peer.close();
    expect(peer.received.length).toBe(0);
  });

  it("a TLS server refuses a request with a body that says why", async () => {
    const { key, cert } = await makeCertificate();
    const { port } = await serve({ tls: { key, cert } });
    const response = await ask(port, upgrade({ Origin: "https://evil.example" }), { ca: cert });
    expect(response.status).toBe(403);
  });
});

describe("options", () => {
  const http = createHttpServer();
  const wrong: readonly (readonly [string, object, RegExp, new () => Error])[] = [
    ["none of port, server and noServer", {}, /exactly one of port, server and noServer, not 0/, TypeError],
    ["port and server", { port: 0, server: http }, /exactly one .* not 2/, TypeError],
    ["all three", { port: 0, server: http, noServer: true }, /exactly one .* not 3/, TypeError],
    ["noServer: false alone", { noServer: false }, /exactly one .* not 0/, TypeError],
    ["a port past 65535", { port: 65_536 }, /^port must be a whole number from 0 to 65535, not 65536/, RangeError],
    ["a negative port", { port: -1 }, /^port must be/, RangeError],
    ["a port in a string", { port: "8080" }, /^port must be .* not "8080"$/, TypeError],
    ["a negative maxPayload", { noServer: true, maxPayload: -1 }, /^maxPayload must be .* not -1/, RangeError],
    ["maxPayload: NaN", { noServer: true, maxPayload: Number.NaN }, /^maxPayload must be/, RangeError],
    [
      "maxPayload: Infinity",
      { noServer: true, maxPayload: Number.POSITIVE_INFINITY },
      /^maxPayload must be/,
      RangeError,
    ],
    ["handshakeTimeout: 0", { noServer: true, handshakeTimeout: 0 }, /^handshakeTimeout must be/, RangeError],
    [
      "a handshakeTimeout past node's timers",
      { noServer: true, handshakeTimeout: 2 ** 31 },
      /^handshakeTimeout must be/,
      RangeError,
    ],
    ["closeTimeout: -1", { noServer: true, closeTimeout: -1 }, /^closeTimeout must be/, RangeError],
    ["pingInterval: 1.5", { noServer: true, pingInterval: 1.5 }, /^pingInterval must be/, RangeError],
    ["overflow: explode", { noServer: true, overflow: "explode" }, /^overflow must be/, TypeError],
    ["maxHeadBytes: -1", { noServer: true, maxHeadBytes: -1 }, /^maxHeadBytes must be/, RangeError],
    ["maxHeaders: 0", { noServer: true, maxHeaders: 0 }, /^maxHeaders must be/, RangeError],
    ["a path without a slash", { noServer: true, path: "ws" }, /^path must be/, TypeError],
    ["a path that is a number", { noServer: true, path: 1 }, /^path must be/, TypeError],
    [
      "protocols in a string",
      { noServer: true, protocols: "chat" },
      /^protocols must be a list or a function/,
      TypeError,
    ],
    ["an origin in a string", { noServer: true, origins: "https://a.example" }, /^origins must be/, TypeError],
    ["origins of other things", { noServer: true, origins: [/a/] }, /^origins has a RegExp object/, TypeError],
    ["authenticate: true", { noServer: true, authenticate: true }, /^authenticate must be a function/, TypeError],
    ["headers that are no function", { noServer: true, headers: { a: "b" } }, /^headers must be a function/, TypeError],
  ];

  it.each(wrong)("an option of a server must not be %s", (_, options, message, type) => {
    expect(() => new WebSocketServer(options as WebSocketServerOptions<undefined>)).toThrow(message);
    expect(() => new WebSocketServer(options as WebSocketServerOptions<undefined>)).toThrow(type);
    expect(http.listenerCount("upgrade")).toBe(0);
  });

  it("the options of a server limit the messages of its connections", async () => {
    const { server, url } = await serve({ maxPayload: 10 });
    echo(server);
    const connection = await open(url);
    connection.send("0123456789");
    expect(await message(connection)).toBe("0123456789");
    connection.send("0123456789a");
    expect((await closed(connection))[0]).toBe(1009);
  });
});

/** Two Duplexes without a socket: what one writes the other reads, in the very memory that was given. */
class Pipe extends Duplex {
  other: Pipe | null = null;
  /** All chunks that were written, as they were given, and how they were at that time. */
  readonly written: { chunk: Buffer; copy: Buffer }[] = [];

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, callback: () => void): void {
    this.written.push({ chunk, copy: Buffer.from(chunk) });
    this.other?.push(chunk);
    // Slower than the writer.
    setImmediate(callback);
  }

  override _final(callback: () => void): void {
    this.other?.push(null);
    callback();
  }

  static pair(): [Pipe, Pipe] {
    const [a, b] = [new Pipe(), new Pipe()];
    a.other = b;
    b.other = a;
    return [a, b];
  }
}

describe("handleUpgrade", () => {
  const rawHeaders = upgrade()
    .split("\r\n")
    .slice(1, -2)
    .flatMap((line) => line.split(": "));
  const request = { method: "GET", url: "/chat", httpVersion: "1.1", rawHeaders } as IncomingMessage;

  it("handleUpgrade() works on any upgrade of an http.Server", async () => {
    const { http, port } = await serveHttp();
    const server = new WebSocketServer({ noServer: true });
    onTestFinished(() => server.close({ timeout: 0 }));
    echo(server);
    http.on("upgrade", (request, socket, head) => server.handleUpgrade(request, socket, head));
    const peer = await openRaw(port);
    peer.send(Buffer.concat([Buffer.from(upgrade()), frame({ opcode: TEXT, payload: "head", mask })]));
    await peer.head();
    expect((await peer.frame()).payload.toString()).toBe("head");
  });

  it("handleUpgrade() works after an asynchronous decision of the application", async () => {
    const { http, port } = await serveHttp();
    const server = new WebSocketServer({ noServer: true });
    onTestFinished(() => server.close({ timeout: 0 }));
    echo(server);
    http.on("upgrade", (request, socket, head) => {
      setImmediate(() => server.handleUpgrade(request, socket, head));
    });
    const { peer } = await openWebSocket(port);
    peer.send(frame({ opcode: TEXT, payload: "late", mask }));
    expect((await peer.frame()).payload.toString()).toBe("late");
  });

  it("handleUpgrade() makes no connection of a socket that has closed meanwhile", async () => {
    const { http, port } = await serveHttp();
    const server = new WebSocketServer({ noServer: true });
    let connections = 0;
    server.on("connection", () => connections++);
    const handled = new Promise<void>((resolve) => {
      http.on("upgrade", (request, socket, head) => {
        socket.on("close", () => {
          server.handleUpgrade(request, socket, head);
          resolve();
        });
        socket.destroy();
      });
    });
    const peer = await openRaw(port);
    peer.send(upgrade());
    await handled;
    expect(connections).toBe(0);
    expect(server.connections.size).toBe(0);
    await server.close();
  });

  it("handleUpgrade() works on a Duplex that is not a socket, and shares no memory with it", async () => {
    const [ours, theirs] = Pipe.pair();
    const server = new WebSocketServer({ noServer: true });
    onTestFinished(() => server.close({ timeout: 0 }));
    const requests: UpgradeRequest[] = [];
    server.on("connection", (connection, upgrade) => {
      requests.push(upgrade);
      connection.on("message", (data) => connection.send(data));
    });
    const head = frame({ opcode: TEXT, payload: "in the head", mask });
    const headBefore = Buffer.from(head);
    let received = Buffer.alloc(0);
    const arrived = (count: number) =>
      new Promise<void>((resolve) => {
        const look = () => {
          if (received.length < count) return;
          theirs.off("data", look);
          resolve();
        };
        theirs.on("data", look);
        look();
      });
    theirs.on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
    });
    server.handleUpgrade(request, ours, head);
    await arrived(1);
    const responseEnd = received.indexOf("\r\n\r\n") + 4;
    expect(received.toString("latin1", 0, responseEnd)).toContain("HTTP/1.1 101");
    expect(requests[0]?.socket).toBe(ours);

    // Small ones, which share a slab, large ones, which are handed on as they are, and a masked chunk of each.
    const payloads = [
      Buffer.from("in the head"),
      ...[5, 60, 1000, 20_000, 70_000].map((size) => Buffer.alloc(size, size & 255)),
    ];
    for (const payload of payloads.slice(1)) theirs.write(frame({ opcode: BINARY, payload, mask }));
    const frames = payloads.map((payload, index) => frame({ opcode: index === 0 ? TEXT : BINARY, payload }));
    await arrived(responseEnd + Buffer.concat(frames).length);
    expect(received.subarray(responseEnd).equals(Buffer.concat(frames))).toBe(true);

    expect(head.equals(headBefore)).toBe(true);
    for (const { chunk, copy } of [...ours.written, ...theirs.written]) expect(chunk.equals(copy)).toBe(true);

    theirs.write(closeFrame(1000));
    await once(theirs, "end");
    const last = ours.written.at(-1);
    expect(decodeFrame(last?.copy ?? Buffer.alloc(0))?.payload.readUInt16BE()).toBe(1000);
    theirs.end();
  });

  it("handleUpgrade() keeps a copy of a head whose memory changes while the request is authenticated", async () => {
    const [ours, theirs] = Pipe.pair();
    let admit: (auth: true) => void = () => {};
    const server = new WebSocketServer<true>({
      noServer: true,
      authenticate: () =>
        new Promise<true>((resolve) => {
          admit = resolve;
        }),
    });
    onTestFinished(() => server.close({ timeout: 0 }));
    const head = frame({ opcode: TEXT, payload: "kept", mask });
    server.handleUpgrade(request, ours, head);
    head.fill(0);
    theirs.resume();
    const connected = once(server, "connection") as Promise<[Connection<true>]>;
    admit(true);
    const [connection] = await connected;
    expect(await message(connection)).toBe("kept");
  });

  it("handleUpgrade() refuses a request over a Duplex", async () => {
    const [ours, theirs] = Pipe.pair();
    const server = new WebSocketServer({ noServer: true });
    server.handleUpgrade({ ...request, method: "POST" } as IncomingMessage, ours, Buffer.alloc(0));
    let text = "";
    for await (const chunk of theirs) text += chunk;
    expect(text).toContain("HTTP/1.1 405 Method Not Allowed\r\n");
  });

  it("a connection over a Duplex answers pings", async () => {
    const [ours, theirs] = Pipe.pair();
    const server = new WebSocketServer({ noServer: true });
    onTestFinished(() => server.close({ timeout: 0 }));
    server.handleUpgrade(request, ours, frame({ opcode: PING, payload: "?", mask }));
    const chunks: Buffer[] = [];
    for await (const chunk of theirs) {
      chunks.push(chunk);
      if (Buffer.concat(chunks).toString("latin1").endsWith("\r\n\r\n\x8a\x01?")) break;
    }
    expect(chunks.length).toBeGreaterThan(0);
  });
});
