/**
 * One of our connections, in either role, over each kind of socket of node, with a raw peer at the other end. The raw peer
 * performs its half of the opening handshake itself, so it can send anything and end at any time.
 */
import { once } from "node:events";
import type { Server as HttpServer } from "node:http";
import { onTestFinished } from "vitest";
import {
  type Connection,
  type ConnectionOptions,
  type ConnectOptions,
  connect,
  WebSocketServer,
} from "../../src/index.ts";
import { makeCertificate } from "./certificate.ts";
import { EXAMPLE_KEY, type FrameSpec, frame, type Role } from "./frames.ts";
import { openRaw, type RawPeer, upgrade } from "./raw-peer.ts";
import { acceptFor, attach, type Handshaking, script, serve, serveHttp } from "./servers.ts";

/**
 * The origin of our connection. A server accepts on its own port, beside an HTTP server, or through `handleUpgrade`; a
 * client connects.
 */
export type Carrier =
  | "a TCP server"
  | "a TLS server"
  | "an HTTP server"
  | "an HTTPS server"
  | "handleUpgrade"
  | "handleUpgrade under TLS"
  | "a TCP client"
  | "a TLS client";

export const SERVER_CARRIERS = [
  "a TCP server",
  "a TLS server",
  "an HTTP server",
  "an HTTPS server",
  "handleUpgrade",
  "handleUpgrade under TLS",
] as const satisfies readonly Carrier[];
export const CLIENT_CARRIERS = ["a TCP client", "a TLS client"] as const satisfies readonly Carrier[];
export const CARRIERS = [...SERVER_CARRIERS, ...CLIENT_CARRIERS] as const;

export function roleOf(carrier: Carrier): Role {
  return carrier === "a TCP client" || carrier === "a TLS client" ? "client" : "server";
}

export function isSecure(carrier: Carrier): boolean {
  return carrier.includes("TLS") || carrier.includes("HTTPS");
}

export interface CarrierOptions extends ConnectionOptions {
  readonly perMessageDeflate?: boolean;
  /** Called with the connection at once when it is handed to the application. */
  readonly onConnection?: (connection: Connection) => void;
  /** The bytes that the peer sends in the same write as its half of the handshake. A client's peer is a server. */
  readonly withHandshake?: Uint8Array;
  /** Whether the peer ends its side right behind `withHandshake`. */
  readonly endWithHandshake?: boolean;
  /** Called with a client's peer when it has sent its half of the handshake. */
  readonly onPeer?: (peer: RawPeer) => void;
  /** Header fields in addition to those that the handshake needs, such as Sec-WebSocket-Extensions. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Keeps the peer's own side open when our connection ends. */
  readonly halfOpen?: boolean;
}

export interface Carried {
  readonly connection: Connection;
  /** The other end, after the handshake. */
  readonly peer: RawPeer;
  readonly role: Role;
  /** The server that accepted the connection; `null` for a client. */
  readonly server: WebSocketServer | null;
  /** Sends frames as a peer of this role does, all in one write. */
  send(...frames: readonly FrameSpec[]): void;
}

/** The bytes of frames as the peer of a connection in this role sends them. */
export function framesFor(role: Role, ...frames: readonly FrameSpec[]): Buffer {
  const mask = role === "server" ? EXAMPLE_KEY : null;
  return Buffer.concat(frames.map((spec) => frame({ mask, ...spec })));
}

/** Opens our connection over this carrier. It and its peer end when the test is finished. */
export async function carried(carrier: Carrier, options: CarrierOptions = {}): Promise<Carried> {
  const role = roleOf(carrier);
  const made = role === "server" ? await accepted(carrier, options) : await connected(carrier, options);
  onTestFinished(() => made.connection.terminate());
  return {
    ...made,
    role,
    send: (...frames) => made.peer.send(framesFor(role, ...frames)),
  };
}

type Made = Pick<Carried, "connection" | "peer" | "server">;

async function accepted(carrier: Carrier, options: CarrierOptions): Promise<Made> {
  const {
    onConnection,
    withHandshake = Buffer.alloc(0),
    endWithHandshake,
    headers,
    halfOpen = false,
    ...rest
  } = options;
  const { server, port } = await listening(carrier, rest);
  const opened = new Promise<Connection>((resolve) => {
    server.once("connection", (connection) => {
      onConnection?.(connection);
      resolve(connection);
    });
  });
  const peer = await openRaw(port, { halfOpen, ...(isSecure(carrier) ? { ca: (await makeCertificate()).cert } : {}) });
  const request = Buffer.concat([Buffer.from(upgrade(headers), "latin1"), withHandshake]);
  if (endWithHandshake === true) peer.socket.end(request);
  else peer.send(request);
  const connection = await opened;
  if (endWithHandshake !== true) await peer.head();
  return { connection, peer, server };
}

/** Our server for this carrier. */
export async function listening<Auth = undefined>(
  carrier: Carrier,
  options: Handshaking<Auth>,
): Promise<{ server: WebSocketServer<Auth>; port: number }> {
  const tls = isSecure(carrier) ? { tls: await makeCertificate() } : {};
  if (carrier === "a TCP server" || carrier === "a TLS server") return serve<Auth>({ ...options, ...tls });
  if (carrier === "an HTTP server" || carrier === "an HTTPS server") return attach<Auth>({ ...options, ...tls });
  const { http, port } = await serveHttp(tls.tls);
  return { server: handUpgradesTo(http, options), port };
}

function handUpgradesTo<Auth>(http: HttpServer, options: Handshaking<Auth>): WebSocketServer<Auth> {
  const server = new WebSocketServer<Auth>({ noServer: true, ...options });
  onTestFinished(() => server.close({ timeout: 0 }));
  http.on("upgrade", (request, socket, head) => server.handleUpgrade(request, socket, head));
  return server;
}

async function connected(carrier: Carrier, options: CarrierOptions): Promise<Made> {
  const {
    onConnection,
    withHandshake = Buffer.alloc(0),
    endWithHandshake,
    headers = {},
    halfOpen: _,
    onPeer,
    ...rest
  } = options;
  const tls = isSecure(carrier) ? await makeCertificate() : undefined;
  const { url, peers } = await script(async (peer) => {
    const request = await peer.head();
    const response = Buffer.concat([Buffer.from(switchingWith(request, headers), "latin1"), withHandshake]);
    if (endWithHandshake === true) peer.socket.end(response);
    else peer.send(response);
    onPeer?.(peer);
  }, tls);
  const connectOptions: ConnectOptions = { ...rest, ...(tls === undefined ? {} : { tls: { ca: tls.cert } }) };
  const connection = await connect(url, connectOptions);
  onConnection?.(connection);
  return { connection, peer: peers[0] as RawPeer, server: null };
}

function switchingWith(request: string, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return [
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n",
    `Sec-WebSocket-Accept: ${acceptFor(request)}\r\n${lines.join("")}\r\n`,
  ].join("");
}

/** Resolves with the arguments of the connection's close event. */
export async function closing(connection: Connection): Promise<[code: number, reason: string, error: Error | null]> {
  return (await once(connection, "close")) as [number, string, Error | null];
}
