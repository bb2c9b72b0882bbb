import { once } from "node:events";
import { get, type Server as HttpServer, type IncomingMessage } from "node:http";
import { get as getSecurely } from "node:https";
import type { Duplex } from "node:stream";
import { describe, expect, it, onTestFinished } from "vitest";
import { type HandshakeOptions, WebSocketServer } from "../../src/index.ts";
import { HttpAttachment, type UpgradeTaker } from "../../src/node/http-attachment.ts";
import { makeCertificate } from "../support/certificate.ts";
import { ask, openRaw, openWebSocket, upgrade } from "../support/raw-peer.ts";
import { attach, closed, echo, message, open, serveHttp } from "../support/servers.ts";

/** One more WebSocket server on an http server. */
function beside(http: HttpServer, options: HandshakeOptions<undefined> = {}): WebSocketServer {
  const server = new WebSocketServer({ server: http, ...options });
  onTestFinished(() => server.close({ timeout: 0 }));
  return server;
}

/** Says hello by its name. */
function greet(server: WebSocketServer, name: string): void {
  server.on("connection", (connection) => connection.send(name));
}

async function fetchPlain(port: number, ca?: string): Promise<string> {
  const where = { port, host: "127.0.0.1", path: "/page", agent: false };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = ca === undefined ? get(where, resolve) : getSecurely({ ...where, ca }, resolve);
    request.on("error", reject);
  });
  let body = "";
  for await (const chunk of response) body += chunk;
  return `${response.statusCode} ${body}`;
}

async function greeting(port: number, path: string): Promise<string> {
  const { peer } = await openWebSocket(port, {}, { line: `GET ${path} HTTP/1.1` });
  return (await peer.frame()).payload.toString();
}

describe("a WebSocket server beside an http.Server", () => {
  it("an attached server leaves plain requests to the HTTP server", async () => {
    const { port, url, server } = await attach({ path: "/ws" });
    echo(server);
    expect(await fetchPlain(port)).toBe("200 plain");
    const connection = await open(`${url}/ws`);
    connection.send("hi");
    expect(await message(connection)).toBe("hi");
    expect(await fetchPlain(port)).toBe("200 plain");
  });

  it("an attached server has the address of the HTTP server", async () => {
    const { port, server } = await attach();
    expect(server.address().port).toBe(port);
  });

  it("an attached server accepts all paths by default", async () => {
    const { port, server } = await attach();
    greet(server, "any");
    expect(await greeting(port, "/")).toBe("any");
    expect(await greeting(port, "/deep/er?x#".slice(0, -1))).toBe("any");
    expect(await greeting(port, "//")).toBe("any");
  });

  it("an attached server refuses an invalid request target and goes on", async () => {
    const { port } = await attach({ path: "/ws" });
    expect((await ask(port, upgrade({}, "GET http://[ HTTP/1.1"))).status).toBeGreaterThanOrEqual(400);
  });

  it("an attached server works beside an HTTPS server", async () => {
    const { key, cert } = await makeCertificate();
    const { port, url, server } = await attach({ path: "/ws", tls: { key, cert } });
    echo(server);
    const connection = await open(`${url}/ws`, { tls: { ca: cert } });
    connection.send(Buffer.from([1, 2, 3]));
    expect(await message(connection)).toEqual(Buffer.from([1, 2, 3]));
    expect(await fetchPlain(port, cert)).toBe("200 plain");
    connection.close(1000);
    expect(await closed(connection)).toEqual([1000, ""]);
  });

  it("an attached server is detached by close(), and the HTTP server goes on", async () => {
    const { port, url, server, http } = await attach();
    const connection = await open(url);
    const ending = closed(connection);
    await server.close();
    expect(await ending).toEqual([1001, "the server is closing"]);
    expect(await fetchPlain(port)).toBe("200 plain");
    expect(http.listenerCount("upgrade")).toBe(0);
    // Without an attached server, such a request is a plain one again.
    expect((await ask(port, upgrade({ Connection: "Upgrade, close" }))).body).toContain("plain");
  });

  it("an attached server that was closed can be followed by another one on the same path", async () => {
    const { port, server, http } = await attach();
    greet(server, "old");
    await server.close();
    greet(beside(http), "new");
    expect(await greeting(port, "/")).toBe("new");
  });

  it("an attached server keeps the time-outs of the HTTP server off its connections", async () => {
    const { http, server, port } = await attach();
    const connected = once(server, "connection");
    http.setTimeout(60_000);
    await openWebSocket(port);
    const [, request] = await connected;
    expect(request.socket.timeout).toBe(0);
  });
});

describe("several WebSocket servers on one http.Server", () => {
  it("several attached servers share an HTTP server by their paths, with one listener", async () => {
    const { http, port } = await serveHttp();
    greet(beside(http, { path: "/a" }), "a");
    greet(beside(http, { path: "/b" }), "b");
    greet(beside(http, { path: (path) => path.startsWith("/c/") }), "c");
    expect(http.listenerCount("upgrade")).toBe(1);
    expect(await greeting(port, "/a?b")).toBe("a");
    expect(await greeting(port, "/b")).toBe("b");
    expect(await greeting(port, "/c/1")).toBe("c");
    expect((await ask(port, upgrade({}, "GET /d HTTP/1.1"))).status).toBe(404);
    expect(await fetchPlain(port)).toBe("200 plain");
  });

  it("of several attached servers the first whose path it is takes a request", async () => {
    const { http, port } = await serveHttp();
    greet(beside(http, { path: "/a" }), "first");
    greet(beside(http), "all");
    expect(await greeting(port, "/a")).toBe("first");
    expect(await greeting(port, "/b")).toBe("all");
  });

  it("several attached servers are detached one by one", async () => {
    const { http, port } = await serveHttp();
    const a = beside(http, { path: "/a" });
    greet(beside(http, { path: "/b" }), "b");
    await a.close();
    expect((await ask(port, upgrade({}, "GET /a HTTP/1.1"))).status).toBe(404);
    expect(await greeting(port, "/b")).toBe("b");
  });
});

describe("beside listeners for 'upgrade' of the application's own", () => {
  it("an attached server leaves paths that it does not serve to other 'upgrade' listeners", async () => {
    const { http, port } = await serveHttp();
    greet(beside(http, { path: "/ours" }), "ours");
    http.on("upgrade", (request: IncomingMessage, socket: Duplex) => {
      if (request.url === "/theirs") socket.end("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\ntheirs");
    });
    expect(await greeting(port, "/ours")).toBe("ours");
    expect((await ask(port, upgrade({}, "GET /theirs HTTP/1.1"))).body).toBe("theirs");
  });

  it("an attached server that is closed leaves other 'upgrade' listeners untouched", async () => {
    const { http, port } = await serveHttp();
    const server = beside(http);
    http.on("upgrade", (_request: IncomingMessage, socket: Duplex) => {
      if (server.listenerCount("refused") > 0) socket.end("HTTP/1.1 200 OK\r\n\r\ntheirs");
    });
    await server.close();
    server.on("refused", () => {});
    expect((await ask(port, upgrade())).body).toBe("theirs");
  });
});

describe("HttpAttachment", () => {
  const taker = (takes: boolean): UpgradeTaker & { taken: number } => ({
    taken: 0,
    takes: () => takes,
    handleUpgrade(_message, socket) {
      this.taken++;
      socket.destroy();
    },
    onListening: () => {},
  });

  it("an HttpAttachment asks its takers in the order of adding, and adds one only once", async () => {
    const { http, port } = await serveHttp();
    const [no, yes, late] = [taker(false), taker(true), taker(true)];
    for (const each of [no, yes, late, yes]) HttpAttachment.add(http, each);
    const peer = await openRaw(port);
    peer.send(upgrade());
    await peer.close();
    expect([no.taken, yes.taken, late.taken]).toEqual([0, 1, 0]);
    for (const each of [no, yes, late]) HttpAttachment.remove(http, each);
    expect(http.listenerCount("upgrade")).toBe(0);
  });

  it("an HttpAttachment removes no taker that was never added", async () => {
    const { http } = await serveHttp();
    HttpAttachment.remove(http, taker(true));
    const present = taker(true);
    HttpAttachment.add(http, present);
    HttpAttachment.remove(http, taker(true));
    expect(http.listenerCount("upgrade")).toBe(1);
    HttpAttachment.remove(http, present);
    HttpAttachment.remove(http, present);
    expect(http.listenerCount("upgrade")).toBe(0);
  });
});
