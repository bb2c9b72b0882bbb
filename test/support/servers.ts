/** Servers for one test each. They listen on a free port of 127.0.0.1 and close when the test is finished. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer as createHttpServer, type Server as HttpServer, type RequestListener } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import { onTestFinished } from "vitest";
import {
  type Connection,
  type ConnectOptions,
  connect,
  type HandshakeOptions,
  type RefusalError,
  WebSocketServer,
} from "../../src/index.ts";
import { RawPeer } from "./raw-peer.ts";

export interface Serving<Auth> {
  readonly server: WebSocketServer<Auth>;
  readonly port: number;
  readonly url: string;
}

export type Handshaking<Auth> = HandshakeOptions<Auth> & { readonly tls?: TlsOptions };

/** A server on raw sockets. */
export async function serve<Auth = undefined>(options: Handshaking<Auth> = {}): Promise<Serving<Auth>> {
  const server = new WebSocketServer<Auth>({ port: 0, host: "127.0.0.1", ...options });
  onTestFinished(() => server.close({ timeout: 0 }));
  await once(server, "listening");
  const { port } = server.address();
  return { server, port, url: `${options.tls === undefined ? "ws" : "wss"}://127.0.0.1:${port}` };
}

export interface Attached<Auth> extends Serving<Auth> {
  readonly http: HttpServer;
}

/** An http server that answers plain requests with "plain". */
export async function serveHttp(tls?: TlsOptions): Promise<{ http: HttpServer; port: number }> {
  const respond: RequestListener = (_request, response) => response.end("plain");
  const http = tls === undefined ? createHttpServer(respond) : createHttpsServer(tls, respond);
  http.listen(0, "127.0.0.1");
  onTestFinished(async () => {
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  });
  await once(http, "listening");
  return { http: http as HttpServer, port: (http.address() as AddressInfo).port };
}

/** A server beside an http server. */
export async function attach<Auth = undefined>(options: Handshaking<Auth> = {}): Promise<Attached<Auth>> {
  const { tls, ...others } = options;
  const { http, port } = await serveHttp(tls);
  const server = new WebSocketServer<Auth>({ server: http, ...others });
  onTestFinished(() => server.close({ timeout: 0 }));
  return { server, port, url: `${tls === undefined ? "ws" : "wss"}://127.0.0.1:${port}`, http };
}

/** Sends each message back. */
export function echo<Auth>(server: WebSocketServer<Auth>): void {
  server.on("connection", (connection) => {
    connection.on("message", (data) => connection.send(data));
  });
}

/** Collects the refusals of a server. */
export function refusals<Auth>(server: WebSocketServer<Auth>): RefusalError[] {
  const all: RefusalError[] = [];
  server.on("refused", (error) => all.push(error));
  return all;
}

/** A client's connection that is terminated when the test is finished. */
export async function open(url: string, options?: ConnectOptions): Promise<Connection> {
  const connection = await connect(url, options);
  onTestFinished(() => connection.terminate());
  return connection;
}

/** The code and reason of the `close` event. */
export async function closed(connection: Connection<unknown>): Promise<[number, string]> {
  const [code, reason] = await once(connection, "close");
  return [code, reason];
}

export async function message(connection: Connection<unknown>): Promise<string | Buffer> {
  const [data] = await once(connection, "message");
  return data;
}

/** A TCP or TLS server whose connections the test itself handles. */
export async function script(
  handle: (peer: RawPeer) => unknown,
  tls?: TlsOptions,
): Promise<{ server: TcpServer; port: number; url: string; peers: RawPeer[] }> {
  const peers: RawPeer[] = [];
  const accept: Parameters<typeof createTlsServer>[1] = (socket) => {
    const peer = new RawPeer(socket);
    peers.push(peer);
    void (async () => handle(peer))().catch(() => socket.destroy());
  };
  const server =
    tls === undefined
      ? createTcpServer({ allowHalfOpen: true, noDelay: true }, accept as Parameters<typeof createTcpServer>[1])
      : createTlsServer({ allowHalfOpen: true, ...tls }, accept);
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  onTestFinished(async () => {
    for (const peer of peers) peer.socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { server, port, url: `${tls === undefined ? "ws" : "wss"}://127.0.0.1:${port}`, peers };
}

/** The value that answers the request's key, as RFC 6455 section 4.2.2 computes it. */
export function acceptFor(request: string): string {
  const key = /^sec-websocket-key: *(.*)$/im.exec(request)?.[1] ?? "";
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}

/** The response that a request's key calls for; a field of `changes` replaces another, null leaves it out. */
export function switching(request: string, changes: Readonly<Record<string, string | null>> = {}): string {
  const fields = {
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Accept": acceptFor(request),
    ...changes,
  };
  const lines = Object.entries(fields).flatMap(([name, value]) => (value === null ? [] : `${name}: ${value}\r\n`));
  return `HTTP/1.1 101 Switching Protocols\r\n${lines.join("")}\r\n`;
}
