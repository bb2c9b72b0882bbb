import { EventEmitter } from "node:events";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { EndpointGroup } from "../endpoint/endpoint-group.ts";
import { resolveSettings } from "../endpoint/settings.ts";
import type { RefusalError } from "../handshake/refusal-error.ts";
import { Acceptor } from "../node/acceptor.ts";
import type { Patience } from "../node/shutdown.ts";
import type { UpgradeRequest } from "../node/upgrade-request.ts";
import { runGuarded } from "../uncaught.ts";
import { type BroadcastOptions, exceptedFrom } from "./broadcast-options.ts";
import { Connection, connectionListener } from "./connection.ts";
import { emitGuarded } from "./guarded-emit.ts";
import type { Message } from "./message-queue.ts";
import type { BinaryData } from "./payload.ts";
import { PreparedMessage, prepare } from "./prepared-message.ts";
import {
  type CloseOptions,
  checkOnlyOptions,
  checkUpgradeArguments,
  closingPatience,
  DEFAULT_PATIENCE,
} from "./server-arguments.ts";
import { resolveServerOptions, type WebSocketServerOptions } from "./server-options.ts";

// Taken here, so that a property that the application sets on a connection does not replace them.
const { send, close, terminate } = Connection.prototype;

/** The events of a server, with the arguments of their listeners. */
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
 *
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { once } from "node:events";
 * import { createServer } from "node:http";
 * import { connect, WebSocketServer } from "tautline";
 *
 * const http = createServer((_request, response) => response.end("not a WebSocket"));
 * const server = new WebSocketServer({
 *   server: http,
 *   path: "/chat",
 *   authenticate: (request) => request.headers["authorization"] === "Bearer secret" && { name: "Ada" },
 * });
 * server.on("connection", (connection) => server.broadcast(`${connection.auth.name} has come`));
 * await once(http.listen(0), "listening");
 *
 * const url = `ws://localhost:${server.address().port}/chat`;
 * const connection = await connect(url, { headers: { Authorization: "Bearer secret" } });
 * const { value } = await connection[Symbol.asyncIterator]().next();
 * assert.equal(value, "Ada has come");
 * await server.close();
 * http.close();
 * ```
 */
export class WebSocketServer<Auth = undefined> extends EventEmitter<WebSocketServerEvents<Auth>> {
  readonly #group: EndpointGroup<Connection<unknown>, Message>;
  readonly #acceptor: Acceptor<Connection<unknown>, Message, Auth>;
  #closing: Promise<void> | null = null;

  constructor(options: WebSocketServerOptions<Auth>);
  constructor(given: WebSocketServerOptions<Auth>, ...further: unknown[]) {
    super();
    checkOnlyOptions(further);
    const options = resolveServerOptions(given);
    this.#group = new EndpointGroup("server", resolveSettings(options), connectionListener);
    this.#acceptor = new Acceptor(options, this.#group, this, {
      onListening: () => emitGuarded(this, "listening"),
      onError: (error) => emitGuarded(this, "error", error),
      onRefused: (error, request, remoteAddress) => emitGuarded(this, "refused", error, request, remoteAddress),
      onAccepted: ({ endpoint, terms, auth, request }) =>
        emitGuarded(this, "connection", new Connection(endpoint, terms, auth), request),
    });
  }

  /** What is open, closing ones included until they are closed. */
  get connections(): ReadonlySet<Connection<Auth>> {
    return this.#connections;
  }

  /**
   * Where the server listens.
   *
   * @throws Error that says why, unless it listens on a port
   */
  address(): AddressInfo {
    return this.#acceptor.address();
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
    for (const connection of this.#connections) {
      // A transport of the application's own may throw: the others get the message all the same.
      if (excepted?.has(connection) !== true) runGuarded(() => send.call(connection, message));
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
    this.#acceptor.handleUpgrade(message, socket, head);
  }

  /**
   * Closes the server in order: it takes no more connections, refuses those in their handshake, sends 1001 to all that
   * are open, and ends those that have not closed in time. An attached HTTP server goes on.
   *
   * @param options `timeout`: milliseconds for the connections to close; 5,000 by default. `signal`: ends the remaining
   *   connections at once. Only the options of the first call count
   * @returns a promise that is fulfilled once everything is closed, or ended; the same at each call. It never rejects
   * @throws TypeError or RangeError for anything but valid options, such as a callback
   */
  close(options?: CloseOptions): Promise<void>;
  close(options = {}, ...further: unknown[]): Promise<void> {
    const patience = closingPatience(options, further);
    this.#closing ??= this.#closeAll(patience);
    return this.#closing;
  }

  /** The same as `close()`: `await using server = new WebSocketServer({ port })`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#closeAll(DEFAULT_PATIENCE);
    await this.#closing;
  }

  get #connections(): ReadonlySet<Connection<Auth>> {
    // Its members are the connections that onAccepted makes, and no others.
    return this.#group.open.faces as ReadonlySet<Connection<Auth>>;
  }

  async #closeAll(patience: Patience): Promise<void> {
    const connections = {
      closeAll: (code: number, reason: string) => {
        for (const connection of this.#connections) runGuarded(() => close.call(connection, code, reason));
      },
      terminateAll: () => {
        for (const connection of this.#connections) runGuarded(() => terminate.call(connection));
      },
    };
    await this.#acceptor.close(connections, patience);
    emitGuarded(this, "close");
  }
}
