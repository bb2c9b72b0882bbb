import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { WebSocketServer } from "tautline";
import { makeCertificate } from "./certificate.mjs";
import { serveEcho } from "./echo.mjs";
import { Session } from "./session.mjs";
import { WireTap } from "./wire-tap.mjs";

/** The only files that are served. */
const FILES = new Map([
  ["/", ["index.html", "text/html; charset=utf-8"]],
  ["/style.css", ["style.css", "text/css; charset=utf-8"]],
  ["/page.js", ["page.js", "text/javascript; charset=utf-8"]],
  ["/wire-table.js", ["wire-table.js", "text/javascript; charset=utf-8"]],
  ["/frame-figure.js", ["frame-figure.js", "text/javascript; charset=utf-8"]],
  ["/handshake-view.js", ["handshake-view.js", "text/javascript; charset=utf-8"]],
  ["/dom.js", ["dom.js", "text/javascript; charset=utf-8"]],
  ["/favicon.svg", ["favicon.svg", "image/svg+xml"]],
]);

/**
 * Starts the demo: the page, /echo (the WebSocket that is shown) and /wire (the WebSocket that reports its frames). A
 * WebSocket client that connects to / gets an echo as well.
 *
 * @param {{ port?: number, host?: string, tls?: boolean }} [options]
 * @returns {Promise<{ url: string, close(): Promise<void> }>}
 */
export async function startDemo({ port = 4000, host = "localhost", tls = false } = {}) {
  const certificate = tls ? await makeCertificate(host) : undefined;
  const sockets = webSockets();
  const create = () => {
    const server = certificate ? createHttpsServer(certificate, servePage) : createHttpServer(servePage);
    return server.on("upgrade", sockets.upgrade);
  };

  const servers = await listen(create, port, host);
  const origin = `${tls ? "https" : "http"}://${host.includes(":") ? `[${host}]` : host}`;
  return {
    url: `${origin}:${servers[0].address().port}/`,
    async close() {
      await sockets.close();
      await Promise.all(servers.map(shut));
    },
  };
}

/** The two WebSocket servers. The id that the page has chosen connects a wire with its echo. */
function webSockets() {
  const sessions = new Map();
  const wires = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  // No compression here, so that the payloads on the wire can be read.
  const path = (path) => path === "/echo" || path === "/";
  const echoes = new WebSocketServer({ noServer: true, path, perMessageDeflate: false });

  wires.on("connection", (wire, request) => {
    const id = idOf(request);
    if (id === undefined) return wire.close(1008, "the id of the connection is missing");
    const session = new Session(wire);
    sessions.set(id, session);
    wire.on("close", () => sessions.get(id) === session && sessions.delete(id));
  });
  echoes.on("connection", (echo, request) => {
    const session = sessions.get(idOf(request));
    session?.follow(echo);
    serveEcho(echo, (payload) => (session ? session.ping(payload) : echo.ping(payload)));
  });

  return {
    upgrade(request, socket, head) {
      if (/^\/wire\?/.test(request.url)) return wires.handleUpgrade(request, socket, head);
      const session = sessions.get(idOf(request));
      // Without a page that observes the connection, such as from a command line, this is a plain echo server.
      if (!session) return echoes.handleUpgrade(request, socket, head);
      const observer = session.observe(request);
      if (head.length > 0) observer.inbound(head);
      echoes.handleUpgrade(request, new WireTap(socket, observer), head);
    },
    close: () => Promise.all([echoes.close(), wires.close()]),
  };
}

const idOf = (request) => /[?&]id=([\w-]{1,64})$/.exec(request.url)?.[1];

async function servePage(request, response) {
  const file = FILES.get(request.url);
  if (!file) return refuse(response, 404, "Not found");
  if (request.method !== "GET" && request.method !== "HEAD") {
    return refuse(response.setHeader("Allow", "GET, HEAD"), 405, "Method not allowed");
  }
  const [name, type] = file;
  try {
    const body = await readFile(new URL(`public/${name}`, import.meta.url));
    response.writeHead(200, { ...guards(request), "Content-Type": type, "Content-Length": body.length });
    response.end(request.method === "HEAD" ? undefined : body);
  } catch {
    refuse(response, 500, "The file cannot be read");
  }
}

function refuse(response, status, text) {
  response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8" }).end(`${text}\n`);
}

function guards(request) {
  const { host = "" } = request.headers;
  // In some browsers 'self' does not include ws:, so the page's own host is named.
  const socket = /^[\w.:[\]-]+$/.test(host) ? ` ${request.socket.encrypted ? "wss" : "ws"}://${host}` : "";
  return {
    "Content-Security-Policy": `default-src 'self'; connect-src 'self'${socket}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
  };
}

/** Listens on the host. For "localhost" that is both loopback addresses, since a browser may choose either. */
async function listen(create, port, host) {
  if (host !== "localhost") return [await listenOn(create(), port, host)];
  const first = await listenOn(create(), port, "127.0.0.1");
  try {
    return [first, await listenOn(create(), first.address().port, "::1")];
  } catch (error) {
    // A machine without IPv6 has only one address. A random port that is free on one may be in use on the other.
    const taken = error.code === "EADDRINUSE" && port !== 0;
    if (!taken && /^(EADDRNOTAVAIL|EAFNOSUPPORT|EADDRINUSE)$/.test(error.code)) return [first];
    await shut(first);
    throw error;
  }
}

async function listenOn(server, port, host) {
  server.listen(port, host);
  await once(server, "listening");
  return server;
}

function shut(server) {
  return new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
}
