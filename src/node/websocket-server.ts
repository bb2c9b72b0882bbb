import type { IncomingMessage } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
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
import type { RefusalError } from "../handshake/refusal-error.ts";
import { isPathServed } from "../handshake/server-decision.ts";
import { Admission, type Admitted } from "./admission.ts";
import { AttachedSource } from "./attached-source.ts";
import { type BroadcastOptions, exceptedFrom } from "./broadcast-options.ts";
import { resolveExtensions } from "./extension-options.ts";
import { PortListener } from "./port-listener.ts";
import { type CloseOptions, checkOnlyOptions, checkUpgradeArguments, closeTimeout } from "./server-arguments.ts";
import { resolveServerOptions, type WebSocketServerOptions } from "./server-options.ts";
import { shutDown } from "./shutdown.ts";
import { ADOPTION_WAYS, type Adopter, adopt } from "./socket-adoption.ts";
import { SocketSet } from "./socket-set.ts";
import { NO_SOURCE, notListening, type SocketSource } from "./socket-source.ts";
import { SocketTransport } from "./socket-transport.ts";
import { UpgradeRequest } from "./upgrade-request.ts";

export interface WebSocketServerEvents<Auth = unknown> {
  /**
   * The server accepts connections. Never emitted with `noServer`. Beside an HTTP server it follows each of its
   * `'listening'` events, and is emitted in the next turn if that server listens already.
   */
  listening: [];
  /** A handshake has succeeded. Listeners that are attached here miss nothing. */
  connection: [connection: Connection<Auth>, request: UpgradeRequest];
  /**
   * A client was refused. The request is `null` if none could be read, also if the TLS handshake on the server's own
   * port failed (`error.code` is then `TLS_FAILED`). `remoteAddress` is the client's, `undefined` if the socket has
   * none.
   *
   * A client that leaves before its request is complete is not reported, and one that leaves in its TLS handshake only
   * if it has sent something: port scanners and health checks would flood the event. An HTTPS server beside this one
   * reports its own failures, by `'tlsClientError'`.
   */
  refused: [error: RefusalError, request: UpgradeRequest | null, remoteAddress: string | undefined];
  /**
   * The server cannot listen. As with node's servers, it is thrown as an uncaught exception if nobody listens for it.
   */
  error: [error: Error];
  /** The server and all its connections are closed, or were ended after the timeout of `close()`. */
  close: [];
}

/**
 * A WebSocket server: on a port of its own, beside an `http.Server`, or fed by `handleUpgrade`.
 *
 * @throws TypeError unless the options have exactly one of `port`, `server` and `noServer`, and for a second argument;
 *   TypeError or RangeError naming an option that is unknown or invalid
 */
export class WebSocketServer<Auth = undefined> extends SafeEmitter<WebSocketServerEvents<Auth>> {
  readonly #shared: SharedResources;
  readonly #admission: Admission<Auth>;
  /** Accepted sockets that are no connections: before the handshake, refused, or the TCP sockets below TLS. */
  readonly #sockets = new SocketSet();
  readonly #source: SocketSource;
  readonly #byHand: Adopter = { server: this, way: ADOPTION_WAYS.hand };
  #closing: Promise<void> | null = null;
  #onLastGone: (() => void) | null = null;

  constructor(options: WebSocketServerOptions<Auth>);
  constructor(given: WebSocketServerOptions<Auth>, ...further: unknown[]) {
    super();
    checkOnlyOptions(further);
    const options = resolveServerOptions(given);
    const settings = resolveSettings(options);
    this.#shared = new SharedResources(settings, undefined, () => this.#onLastGone?.());
    const timeout = options.handshakeTimeout ?? 10_000;
    const { maxPayload } = settings;
    this.#admission = new Admission(
      options,
      { extensions: resolveExtensions(options), maxPayload, timeout },
      {
        onAdmitted: (request, socket, rest, admitted) => this.#onAdmitted(request, socket, rest, admitted),
        onRefused: (error, request, remoteAddress) => this.tell("refused", error, request, remoteAddress),
      },
    );
    this.#source = this.#openSource(options, timeout);
  }

  /** What is open, closing ones included until they are closed. */
  get connections(): ReadonlySet<Connection<Auth>> {
    // Its members are the connections that onAdmitted makes, and no others.
    return this.#shared.sweep.members as ReadonlySet<Connection<Auth>>;
  }

  /**
   * Where the server listens.
   *
   * @throws Error that says why, unless it listens on a port
   */
  address(): AddressInfo {
    if (this.#closing !== null) throw notListening("it was closed");
    return this.#source.address();
  }

  /**
   * Sends a message to all open connections: made ready and compressed once, not once for each (see `prepare()`). One
   * that does not read holds up no other; `maxBufferedAmount` and `overflow` bound what waits for it.
   *
   * @throws TypeError for anything but a string, an ArrayBuffer, a view of one or a prepared message, and for invalid
   *   options
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
   * included. `"connection"` or `"refused"` follows, unless the client has left.
   *
   * @param head what came behind the request
   * @throws Error with the code `SOCKET_ALREADY_ADOPTED` if a WebSocket server was given this socket before, by another
   *   call or by its `server` option; that server keeps it. TypeError for anything but the arguments of an "upgrade"
   *   event, and for a callback after them
   */
  handleUpgrade(message: IncomingMessage, socket: Duplex, head: Buffer): void;
  handleUpgrade(message: IncomingMessage, socket: Duplex, head: Buffer, ...further: unknown[]): void {
    checkUpgradeArguments(message, socket, head, further);
    this.#onUpgrade(message, socket, head, this.#byHand);
  }

  /**
   * Closes the server in order: it takes no more connections, refuses those in their handshake, sends 1001 to all that
   * are open, and ends those that have not closed in time. An attached HTTP server goes on.
   *
   * @param options `timeout`: milliseconds for the connections to close; 5,000 by default
   * @returns a promise that is fulfilled once everything is closed, or ended after the timeout; the same at each call.
   *   It never rejects
   * @throws TypeError or RangeError for anything but valid options, such as a callback
   */
  close(options?: CloseOptions): Promise<void>;
  close(options = {}, ...further: unknown[]): Promise<void> {
    const timeout = closeTimeout(options, further);
    this.#closing ??= this.#closeAll(timeout);
    return this.#closing;
  }

  #openSource(options: WebSocketServerOptions<Auth>, handshakeTimeout: number): SocketSource {
    const onListening = () => void this.tell("listening");
    if (options.port !== undefined) {
      const adopter = { server: this, way: ADOPTION_WAYS.port };
      return new PortListener(options, handshakeTimeout, this.#sockets, {
        onListening,
        onError: (error) => this.tell("error", error),
        onSocket: (socket) => this.#onSocket(socket, adopter),
        onTlsFailed: (error, remoteAddress) => this.tell("refused", error, null, remoteAddress),
      });
    }
    if (options.server !== undefined) {
      const adopter = { server: this, way: ADOPTION_WAYS.server };
      return new AttachedSource(options.server, (target) => isPathServed(target, options), {
        onListening,
        onUpgrade: (message, socket, head) => this.#onUpgrade(message, socket, head, adopter),
      });
    }
    return NO_SOURCE;
  }

  #onSocket(socket: Socket, adopter: Adopter): void {
    adopt(socket, adopter);
    this.#admission.read(socket);
  }

  #onUpgrade(message: IncomingMessage, socket: Duplex, head: Buffer, adopter: Adopter): void {
    // A copy: frames are unmasked in place, and this memory may belong to somebody else.
    const rest = Buffer.from(head);
    const request = UpgradeRequest.from(message, socket);
    adopt(socket, adopter);
    if (!socket.readable || !socket.writable) {
      // The client has gone while the application was busy; its close event may have been emitted already.
      socket.destroy();
      return;
    }
    if ("setTimeout" in socket) (socket as Socket).setTimeout(0);
    if ("setNoDelay" in socket) (socket as Socket).setNoDelay(true);
    this.#sockets.add(socket);
    this.#admission.answer(request, socket, rest);
  }

  #onAdmitted(request: UpgradeRequest, socket: Duplex, rest: Buffer, admitted: Admitted<Auth>): void {
    const connection = new Connection<Auth>(new SocketTransport(socket), { role: "server", ...admitted }, this.#shared);
    this.#sockets.release(socket);
    this.tell("connection", connection, request);
    connection.start(rest);
  }

  async #closeAll(timeout: number): Promise<void> {
    const sourceClosed = this.#source.close();
    this.#admission.close();
    const gone = Promise.all([sourceClosed, this.#whenAllConnectionsGone(), this.#sockets.whenEmpty()]);
    await shutDown({ connections: this.connections, sockets: this.#sockets, gone }, timeout);
    this.tell("close");
  }

  #whenAllConnectionsGone(): Promise<void> {
    if (this.connections.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onLastGone = resolve;
    });
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
