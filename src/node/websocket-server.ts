import type { IncomingMessage } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createServer as createTlsServer } from "node:tls";
import {
  type BinaryData,
  Connection,
  PreparedMessage,
  prepare,
  resolveSettings,
  SafeEmitter,
  SharedResources,
  throwLater,
} from "../connection/index.ts";
import type { Refusal, RefusalError } from "../errors.ts";
import { isPathServed } from "../handshake/server-decision.ts";
import { Admission, type Admitted } from "./admission.ts";
import { type BroadcastOptions, exceptedFrom } from "./broadcast-options.ts";
import { resolveExtensions } from "./extension-options.ts";
import { type AnyHttpServer, HttpAttachment } from "./http-attachment.ts";
import { RawHandshake } from "./raw-handshake.ts";
import { type CloseOptions, checkOnlyOptions, checkUpgradeArguments, closeTimeout } from "./server-arguments.ts";
import {
  type HandshakeOptions,
  type ListenOptions,
  resolveServerOptions,
  type WebSocketServerOptions,
} from "./server-options.ts";
import { SocketTransport } from "./socket-transport.ts";
import { UpgradeRequest } from "./upgrade-request.ts";

export interface WebSocketServerEvents<Auth = unknown> {
  /** The server accepts connections. */
  listening: [];
  /** A handshake has succeeded. Listeners that are attached here miss nothing. */
  connection: [connection: Connection<Auth>, request: UpgradeRequest];
  /** A request was refused; without a request where none could be read. */
  refused: [error: RefusalError, request: UpgradeRequest | null];
  /** The server cannot listen. */
  error: [error: Error];
  /** The server and all its connections are closed. */
  close: [];
}

const GOING_AWAY = 1001;

/**
 * A WebSocket server: on a port of its own, beside an `http.Server`, or fed by `handleUpgrade`.
 *
 * @throws TypeError unless the options have exactly one of `port`, `server` and `noServer`, and for a second argument;
 *   TypeError or RangeError naming an option that is not known or not valid
 */
export class WebSocketServer<Auth = undefined> extends SafeEmitter<WebSocketServerEvents<Auth>> {
  readonly #options: WebSocketServerOptions<Auth>;
  readonly #shared: SharedResources;
  readonly #admission: Admission<Auth>;
  readonly #listening: Server | null = null;
  /** Accepted sockets that are no connections: before the handshake, refused, or the TCP sockets below TLS. */
  readonly #sockets = new Set<Duplex>();
  readonly #forget: (this: Duplex) => void;
  readonly #attachedTo: AnyHttpServer | null = null;
  #closing: Promise<void> | null = null;
  #onLastGone: (() => void) | null = null;

  constructor(options: WebSocketServerOptions<Auth>);
  constructor(given: WebSocketServerOptions<Auth>, ...further: unknown[]) {
    super();
    checkOnlyOptions(further);
    const options = resolveServerOptions(given);
    this.#options = options;
    const sockets = this.#sockets;
    this.#forget = function forget() {
      sockets.delete(this);
    };
    const settings = resolveSettings(options);
    this.#shared = new SharedResources(settings, undefined, () => this.#onLastGone?.());
    const timeout = options.handshakeTimeout ?? 10_000;
    const { maxPayload } = settings;
    this.#admission = new Admission(options, { extensions: resolveExtensions(options), maxPayload, timeout }, this);
    if (options.port !== undefined) {
      this.#listening = this.#listen(options, timeout);
    } else if (options.server !== undefined) {
      this.#attachedTo = options.server;
      HttpAttachment.add(options.server, this);
    }
  }

  /** What is open, closing ones included until they are closed. */
  get connections(): ReadonlySet<Connection<Auth>> {
    // Its members are the connections that onAdmitted makes, and no others.
    return this.#shared.sweep.members as ReadonlySet<Connection<Auth>>;
  }

  /**
   * Where the server listens.
   *
   * @throws Error while it does not listen on a port
   */
  address(): AddressInfo {
    const address = (this.#listening ?? this.#attachedTo)?.address();
    if (typeof address === "object" && address !== null) return address;
    throw new Error("the server does not listen on a port: wait for its 'listening' event");
  }

  /**
   * Sends a message to all open connections: made ready and compressed once, not once for each (see `prepare()`). One
   * that does not read holds up no other; `maxBufferedAmount` and `overflow` bound what waits for it.
   *
   * @throws TypeError for anything but a string, an ArrayBuffer, a view of one, or what `prepare()` has made, and for
   *   options that are not valid
   */
  broadcast(data: string | BinaryData | PreparedMessage, options?: BroadcastOptions): void;
  broadcast(data: string | BinaryData | PreparedMessage, options = {}, ...further: unknown[]): void {
    const excepted = exceptedFrom(options, further);
    const message = data instanceof PreparedMessage ? data : prepare(data);
    for (const connection of this.connections) {
      if (excepted?.has(connection) !== true) sendApart(connection, message);
    }
  }

  /**
   * Answers an upgrade that an HTTP server has read: with all checks of a handshake, those that node leaves out
   * included. `"connection"` or `"refused"` follows.
   *
   * @param head what came behind the request
   * @throws TypeError for other arguments than an http.Server emits with "upgrade", and for a callback behind them
   */
  handleUpgrade(message: IncomingMessage, socket: Duplex, head: Buffer): void;
  handleUpgrade(message: IncomingMessage, socket: Duplex, head: Buffer, ...further: unknown[]): void {
    checkUpgradeArguments(message, socket, head, further);
    if (!socket.readable || !socket.writable) {
      // The client has gone while the application was busy; its close event may have been told already.
      socket.destroy();
      return;
    }
    if ("setTimeout" in socket) (socket as Socket).setTimeout(0);
    if ("setNoDelay" in socket) (socket as Socket).setNoDelay(true);
    this.#admission.begin(socket);
    // A copy: frames are unmasked where they lie, and this memory may be somebody else's.
    this.#admission.admit(UpgradeRequest.from(message, socket), socket, Buffer.from(head));
  }

  /**
   * Closes the server in order: it takes no more connections, sends 1001 to all that are open, and terminates those
   * that have not closed in time. An HTTP server that it stands beside goes on.
   *
   * @param options `timeout`: milliseconds for the connections to close; 5,000 by default
   * @returns a promise that is fulfilled once everything is closed; the same at each call
   * @throws TypeError or RangeError for options that are not valid, such as a callback
   */
  close(options?: CloseOptions): Promise<void>;
  close(options = {}, ...further: unknown[]): Promise<void> {
    const timeout = closeTimeout(options, further);
    this.#closing ??= this.#closeAll(timeout);
    return this.#closing;
  }

  /** @internal */
  takes(message: IncomingMessage): boolean {
    try {
      return isPathServed(message.url ?? "", this.#options);
    } catch {
      // It will throw again when the request is judged, and there that is answered with 500.
      return true;
    }
  }

  /** @internal */
  onRequest(request: UpgradeRequest, socket: Socket, rest: Buffer): void {
    this.#admission.admit(request, socket, rest);
  }

  /** @internal */
  onBadRequest(refusal: Refusal, socket: Socket): void {
    this.#admission.refuse(socket, refusal, null);
  }

  /** @internal */
  onRefused(error: RefusalError, request: UpgradeRequest | null): void {
    this.tell("refused", error, request);
  }

  /** @internal */
  onAdmitted(request: UpgradeRequest, socket: Duplex, rest: Buffer, admitted: Admitted<Auth>): void {
    const connection = new Connection<Auth>(new SocketTransport(socket), { role: "server", ...admitted }, this.#shared);
    this.#sockets.delete(socket.off("close", this.#forget));
    this.tell("connection", connection, request);
    connection.start(rest);
  }

  #listen(options: ListenOptions & HandshakeOptions<Auth>, handshakeTimeout: number): Server {
    const { port, host, backlog, tls } = options;
    const tlsDefaults = { ALPNProtocols: ["http/1.1"], noDelay: true, handshakeTimeout };
    const server =
      tls === undefined
        ? createTcpServer({ noDelay: true }, (socket) => this.#accept(socket))
        : createTlsServer({ ...tlsDefaults, ...tls }, (socket) => this.#accept(socket));
    server.on("connection", (socket: Socket) => this.#sockets.add(socket.on("close", this.#forget)));
    server.on("listening", () => this.emit("listening"));
    server.on("error", (error) => this.emit("error", error));
    server.on("tlsClientError", (error, socket) => socket.destroy(error));
    server.listen({ port, host, backlog });
    return server;
  }

  #accept(socket: Socket): void {
    this.#admission.begin(socket);
    new RawHandshake(socket, this.#options, this);
  }

  async #closeAll(timeout: number): Promise<void> {
    if (this.#attachedTo !== null) HttpAttachment.remove(this.#attachedTo, this);
    const listenerClosed = closeListener(this.#listening);
    this.#admission.close();
    const timer = setTimeout(() => this.#terminateAll(), timeout);
    await this.#closeConnections();
    await listenerClosed;
    clearTimeout(timer);
    this.emit("close");
  }

  #closeConnections(): Promise<void> {
    if (this.connections.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onLastGone = resolve;
      for (const connection of this.connections) connection.close(GOING_AWAY, "the server is closing");
    });
  }

  #terminateAll(): void {
    for (const connection of this.connections) connection.terminate();
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** A transport of the application's own may throw: the others get the message all the same. */
function sendApart(connection: Connection<unknown>, message: PreparedMessage): void {
  try {
    connection.send(message);
  } catch (error) {
    throwLater(error);
  }
}

function closeListener(server: Server | null): Promise<void> {
  if (server === null) return Promise.resolve();
  // It reports an error when it never listened: then there is nothing to close.
  return new Promise((resolve) => server.close(() => resolve()));
}
