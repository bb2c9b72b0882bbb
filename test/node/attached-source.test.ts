/** When a server beside an HTTP server listens, and where. */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server as HttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { type HandshakeOptions, WebSocketServer } from "../../src/index.ts";
import { makeCertificate } from "../support/certificate.ts";
import { openWebSocket } from "../support/raw-peer.ts";
import { watchUncaught } from "../support/uncaught.ts";

const NOWHERE = "the server does not listen on a port: ";

async function makeHttp(secure = false): Promise<HttpServer> {
  const http = secure ? (createHttpsServer(await makeCertificate()) as HttpServer) : createServer();
  onTestFinished(() => void http.close());
  return http;
}

function attachTo(http: HttpServer, options: HandshakeOptions<undefined> = {}): WebSocketServer {
  const server = new WebSocketServer({ server: http, ...options });
  onTestFinished(() => server.close({ timeout: 0 }));
  return server;
}

async function listen(http: HttpServer): Promise<void> {
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
}

async function stopListening(http: HttpServer): Promise<void> {
  http.close();
  await once(http, "close");
}

/** How often 'listening' has been emitted, a few turns from now. */
function countListening(server: WebSocketServer): () => Promise<number> {
  let count = 0;
  server.on("listening", () => count++);
  return async () => {
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
    return count;
  };
}

describe.each([
  ["http", false],
  ["https", true],
])("'listening' beside an %s server", (_, secure) => {
  it("'listening' of an attached server is emitted once the HTTP server listens", async () => {
    const http = await makeHttp(secure);
    const server = attachTo(http);
    const count = countListening(server);
    expect(await count()).toBe(0);
    const listening = once(server, "listening");
    http.listen(0, "127.0.0.1");
    await listening;
    expect(server.address()).toEqual(http.address());
    expect(await count()).toBe(1);
  });

  it("'listening' of an attached server is emitted in a later turn if the HTTP server listens already", async () => {
    const http = await makeHttp(secure);
    await listen(http);
    const server = attachTo(http);
    let isLater = false;
    process.nextTick(() => {
      isLater = true;
    });
    const count = countListening(server);
    // After ticks and promises of the turn in which the server was made, this listener is still in time.
    await Promise.resolve();
    await new Promise((resolve) => process.nextTick(resolve));
    await once(server, "listening");
    expect(isLater).toBe(true);
    expect(await count()).toBe(1);
  });
});

describe("'listening' beside an HTTP server", () => {
  it("'listening' beside an HTTP server is emitted once if the server is made between listen() and the event of the HTTP server", async () => {
    const http = await makeHttp();
    http.listen(0, "127.0.0.1");
    const count = countListening(attachTo(http));
    await once(http, "listening");
    expect(await count()).toBe(1);
  });

  it("'listening' beside an HTTP server is emitted again if the HTTP server listens again", async () => {
    const http = await makeHttp();
    await listen(http);
    const server = attachTo(http);
    const count = countListening(server);
    expect(await count()).toBe(1);
    await stopListening(http);
    expect(() => server.address()).toThrow(`${NOWHERE}wait for its 'listening' event`);
    await listen(http);
    expect(await count()).toBe(2);
    const { peer } = await openWebSocket(server.address().port);
    peer.socket.destroy();
  });

  it("'listening' beside an HTTP server is not emitted if the HTTP server stops listening in the same turn", async () => {
    const http = await makeHttp();
    await listen(http);
    const count = countListening(attachTo(http));
    http.close();
    expect(await count()).toBe(0);
  });

  it("'listening' beside an HTTP server is not emitted after close()", async () => {
    const http = await makeHttp();
    const listeners = http.listenerCount("listening");
    const early = attachTo(http);
    const counts = [countListening(early)];
    await early.close();
    await listen(http);
    const late = attachTo(http);
    counts.push(countListening(late));
    await late.close();
    await stopListening(http);
    await listen(http);
    expect(await Promise.all(counts.map((count) => count()))).toEqual([0, 0]);
    expect(http.listenerCount("listening")).toBe(listeners);
  });

  it("'listening' is emitted by each of many attached servers, which share one listener", async () => {
    const http = await makeHttp();
    const listeners = http.listenerCount("listening");
    const servers = Array.from({ length: 20 }, (_, index) => attachTo(http, { path: `/${index}` }));
    const all = Promise.all(servers.map((server) => once(server, "listening")));
    expect(http.listenerCount("listening")).toBe(listeners + 1);
    await listen(http);
    await all;
  });

  it("'listening' is emitted by the other attached servers if a listener throws", async () => {
    const uncaught = watchUncaught();
    const http = await makeHttp();
    attachTo(http, { path: "/a" }).on("listening", () => {
      throw new Error("by the listener");
    });
    const count = countListening(attachTo(http, { path: "/b" }));
    await listen(http);
    expect(await count()).toBe(1);
    expect(uncaught.map(String)).toEqual(["Error: by the listener"]);
  });

  it("'listening' is never emitted with noServer", async () => {
    const server = new WebSocketServer({ noServer: true });
    expect(await countListening(server)()).toBe(0);
    await server.close();
  });
});

describe("address()", () => {
  it("address() of an attached server throws and says why: not yet, closed, or another's server", async () => {
    const http = await makeHttp();
    const attached = attachTo(http);
    expect(() => attached.address()).toThrow(`${NOWHERE}wait for its 'listening' event`);
    await listen(http);
    expect(attached.address()).toEqual(http.address());
    const closing = attached.close();
    expect(() => attached.address()).toThrow(`${NOWHERE}it was closed`);
    await closing;
    expect(() => attached.address()).toThrow(`${NOWHERE}it was closed`);
    const byHand = new WebSocketServer({ noServer: true });
    expect(() => byHand.address()).toThrow(`${NOWHERE}with noServer, ask the server`);
    await byHand.close();
    expect(() => byHand.address()).toThrow(`${NOWHERE}it was closed`);
  });

  it("address() names the pipe of an HTTP server that listens on one, and 'listening' is emitted", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tautline-pipe-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const path = process.platform === "win32" ? `\\\\.\\pipe\\${folder}` : join(folder, "server.sock");
    const http = await makeHttp();
    const server = attachTo(http);
    http.listen(path);
    await once(server, "listening");
    expect(() => server.address()).toThrow(`${NOWHERE}it listens on the pipe ${JSON.stringify(path)}`);
  });
});
