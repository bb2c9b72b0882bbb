import { Endpoint } from "../endpoint/endpoint.ts";
import type { EndpointListener } from "../endpoint/endpoint-listener.ts";
import type { SendResult } from "../endpoint/sender.ts";
import type { Terms } from "../endpoint/terms.ts";
import type { SendOptions } from "../extensions/index.ts";
import { closeStatus, Opcode, STRING_OR_BUFFER } from "../framing/index.ts";
import type { CloseDetails } from "./close-signal.ts";
import {
  checkCloseArguments,
  checkControlArguments,
  drainedOptions,
  madeByApplication,
  NO_OPTIONS,
  sendOptions,
  type WaitOptions,
} from "./connection-arguments.ts";
import { type AnyListener, ConnectionEmitter, type ConnectionEvents, hasListener } from "./connection-emitter.ts";
import { EventOrder } from "./event-order.ts";
import { emitGuarded, emitMessage } from "./guarded-emit.ts";
import type { Message } from "./message-queue.ts";
import type { MessageStream } from "./message-streams.ts";
import { asBytes, type BinaryData, controlPayload } from "./payload.ts";
import { framedForm, PreparedMessage } from "./prepared-message.ts";
import { readerOf, type SendSource } from "./send-source.ts";
import { type StreamOptions, streamOptions } from "./stream-arguments.ts";
import { StreamSending } from "./stream-sending.ts";

type AnyConnection = Connection<unknown>;

/** The listener of the endpoints of all connections. */
export let connectionListener: EndpointListener<AnyConnection, Message>;

const READY_STATES = { open: 1, closedByUs: 2, closeAcknowledged: 2, failed: 2, disconnected: 2, closed: 3 } as const;

/**
 * One WebSocket connection, on either side, after the opening handshake.
 *
 * Messages that arrive before anybody listens wait for the first `"message"` listener or loop. When more wait than
 * `maxQueuedAmount`, reading stops, and pings, Close frames and the peer's end wait as well. A loop and `pause()` may
 * stop it for as long as they like. If nobody listens, reading continues after one second: messages past the bound are
 * then discarded, and the connection fails with 1011 if somebody listens after all.
 *
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { once } from "node:events";
 * import { connect, WebSocketServer } from "tautline";
 *
 * const server = new WebSocketServer({ port: 0 });
 * server.on("connection", (connection) => {
 *   connection.on("message", (data) => connection.send(data));
 *   connection.on("close", (code) => assert.equal(code, 1000));
 * });
 * await once(server, "listening");
 *
 * const connection = await connect(`ws://localhost:${server.address().port}`);
 * connection.send("hello");
 * for await (const message of connection) {
 *   assert.equal(message, "hello");
 *   connection.close(1000);
 * }
 * await server.close();
 * ```
 */
export class Connection<Auth = unknown> extends ConnectionEmitter implements AsyncIterable<Message> {
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;

  /** The subprotocol in use, "" for none. */
  readonly protocol: string;
  /** The extensions in use as `Sec-WebSocket-Extensions` names them, "" for none. */
  readonly extensions: string;
  /** What the server's `authenticate` returned for this connection. */
  readonly auth: Auth;

  readonly #endpoint: Endpoint<AnyConnection, Message>;
  /** Made when an event first has to wait, and at the end. */
  #madeOrder: EventOrder<AnyConnection> | null = null;

  static {
    connectionListener = Object.freeze<EndpointListener<AnyConnection, Message>>({
      form: STRING_OR_BUFFER,
      onMessage: (connection, _opcode, message) => connection.#onMessage(message),
      onPing: (connection, payload) => {
        if (hasListener(connection, "ping")) emitGuarded(connection, "ping", Buffer.from(payload));
      },
      onPong: (connection, payload) => {
        if (hasListener(connection, "pong")) emitGuarded(connection, "pong", Buffer.from(payload));
      },
      onDrain: (connection) => connection.#madeOrder?.onAllSent(),
      onFailure: (connection, error) => {
        // An error event without a listener would throw (node:events): then only the close event reports it.
        if (hasListener(connection, "error")) emitGuarded(connection, "error", error);
      },
      onOutputEnd: (connection) => connection.#madeOrder?.onOutputEnd(),
      onDisconnected: (connection) => connection.#madeOrder?.hastenClose(),
      onInputEnd: (connection) => connection.#madeOrder?.onInputEnd(),
      onClosed: (connection) => connection.#order.onClosed(),
    });
  }

  static readonly #watch = Object.freeze({
    onListener: (connection: AnyConnection, event: string, listener: AnyListener) =>
      connection.#onListener(event, listener),
    onMessageListenerGone: (connection: AnyConnection) => connection.#madeOrder?.onMessageListenerGone(),
  });

  /** @internal */
  constructor(endpoint: Endpoint<AnyConnection, Message>, terms: Terms, auth: Auth) {
    super(Connection.#watch);
    if (!(endpoint instanceof Endpoint)) throw madeByApplication();
    this.protocol = terms.protocol;
    this.extensions = terms.extensions;
    this.auth = auth;
    this.#endpoint = endpoint;
    endpoint.attach(this);
  }

  /** 1 (OPEN), 2 (CLOSING) or 3 (CLOSED), as in browsers. */
  get readyState(): 1 | 2 | 3 {
    return READY_STATES[this.#endpoint.phase];
  }

  /**
   * Bytes, with the frames' headers, that were sent and have not left this process. While a message is being
   * compressed in zlib's threads, each message that waits for it counts 64 bytes more.
   */
  get bufferedAmount(): number {
    return this.#endpoint.bufferedAmount;
  }

  /** Milliseconds from the last keep-alive ping to its pong; `null` before the first. */
  get roundTripTime(): number | null {
    return this.#endpoint.roundTripTime;
  }

  /**
   * The code of the `"close"` event: that of the peer's Close frame, 1005 if it has none, 1006 if no Close frame came;
   * `null` until the connection is closed.
   */
  get closeCode(): number | null {
    return this.#isClosed ? this.#endpoint.closeStatus.code : null;
  }

  /** The reason in the peer's Close frame; "" if it has none, and until the connection is closed. */
  get closeReason(): string {
    return this.#isClosed ? this.#endpoint.closeStatus.reason : "";
  }

  /** Why the connection failed or was cut off; `null` until then, and if it was closed in order. */
  get error(): ConnectionEvents["close"][2] {
    return this.#endpoint.error;
  }

  /**
   * Fulfilled when `"close"` is emitted, with the same details. It never rejects, and is the same promise each time.
   *
   * @example
   * ```ts
   * const { code, reason, error } = await connection.closed;
   * ```
   */
  get closed(): Promise<CloseDetails> {
    return this.#order.close.closed;
  }

  /** The peer's address, if the transport has one. */
  get remoteAddress(): string | undefined {
    return this.#endpoint.remoteAddress;
  }

  /** Whether `pause()` holds messages back. */
  get isPaused(): boolean {
    return this.#madeOrder?.delivery?.isPaused === true;
  }

  /**
   * Sends a message: text for a string, binary for bytes. Bytes are copied, so they may be changed, transferred or
   * resized at once. A prepared message was copied by `prepare()`, and is not copied again for each connection.
   *
   * If the process ends in the same turn, as by `process.exit()`, the message still leaves if the system takes it at
   * once. A message that zlib's threads compress is lost then. Over TLS, so is a message that follows another write of
   * the same turn, such as the response of the handshake.
   *
   * @param options whether to compress it, where compression was negotiated; a prepared message has its own
   * @returns `false` if `highWaterMark` or more bytes wait: then `"drain"` follows when all have left, or `"close"` if
   *   the connection closes first. Also `false`, and nothing is sent, if the connection is not open any more.
   * @throws TypeError for anything but a string, an ArrayBuffer or a view of one, and for options that are not valid
   */
  send(data: string | BinaryData | PreparedMessage, options?: SendOptions): boolean;
  send(data: string | BinaryData | PreparedMessage, given = NO_OPTIONS, callback?: unknown): boolean {
    const options = given === NO_OPTIONS && callback === undefined ? NO_OPTIONS : sendOptions(given, callback);
    const result = this.#sendAs(data, options);
    if (result === "sent") return true;
    this.#awaitDrain();
    if (result === "dropped") emitGuarded(this, "drop", data);
    return false;
  }

  /**
   * Sends one message in fragments, from a source of pieces: anything that can be iterated, a node Readable or a web
   * ReadableStream. It is never held in memory as a whole: the source is read when the transport has room. Strings may be
   * cut anywhere, and bytes of a text must be valid UTF-8 over all pieces.
   *
   * It takes its place among the messages at once: those that are sent afterwards wait for its end, and count towards
   * `maxBufferedAmount` meanwhile. Pings, pongs and the Close frame pass between its fragments. An extension that can only
   * encode whole messages collects it, up to `maxBufferedAmount`.
   *
   * @param options `type`: by default that of the first piece. `compress`: `true` by default. `signal`: stops it
   * @returns a promise that is fulfilled when everything up to the end of the message has left this process. It is rejected
   *   with a ConnectionError: `SOURCE_FAILED`, with the `cause`, if the source fails or has invalid pieces, and the
   *   connection fails with 1011; `STREAM_CUT_OFF` if the connection closes before, also by `close()`. The source is
   *   cancelled then
   * @throws (as rejection) TypeError for anything but a source and valid options; nothing is sent
   * @example
   * ```ts
   * import { createReadStream } from "node:fs";
   *
   * await connection.sendStream(createReadStream("package.json"), { type: "text" });
   * ```
   */
  sendStream(source: SendSource<string | BinaryData>, options?: StreamOptions): Promise<void>;
  async sendStream(source: SendSource<string | BinaryData>, options = {}, ...further: unknown[]): Promise<void> {
    const checked = streamOptions(options, further);
    await new StreamSending(this.#endpoint, readerOf(source), checked).run();
  }

  /**
   * Waits until everything that was sent has left this process; not at all if `send()` has returned `true` since the last
   * `"drain"`.
   *
   * @param options `signal`: ends the wait, and the promise is rejected with its reason
   * @returns a promise that is rejected with a ConnectionError `NEVER_DRAINED` if the connection can send nothing any more
   * @throws (as rejection) TypeError for options that are not valid
   * @example
   * ```ts
   * for (const line of lines) {
   *   if (!connection.send(line)) await connection.drained();
   * }
   * ```
   */
  drained(options?: WaitOptions): Promise<void>;
  async drained(options = {}, ...further: unknown[]): Promise<void> {
    await this.#order.drain.drained(drainedOptions(options, further).signal);
  }

  /**
   * Sends a ping; the peer answers with a pong of the same payload, at most 125 bytes.
   *
   * @returns as `send()` does. A ping that would exceed `maxBufferedAmount` is not sent, whatever `overflow` says: the
   *   connection goes on, there is no `"drop"` event, and `"drain"` or `"close"` follows.
   * @throws RangeError for a longer payload, TypeError for a payload of another type
   */
  ping(payload?: string | BinaryData): boolean;
  ping(payload: string | BinaryData = "", ...further: unknown[]): boolean {
    checkControlArguments("ping", further);
    return this.#endpoint.ping(controlPayload(payload)) === "sent" || this.#awaitDrain();
  }

  /**
   * Sends an unsolicited pong, as a heartbeat in one direction. At most 125 bytes.
   *
   * @returns as `ping()` does
   * @throws as `ping()` does
   */
  pong(payload?: string | BinaryData): boolean;
  pong(payload: string | BinaryData = "", ...further: unknown[]): boolean {
    checkControlArguments("pong", further);
    return this.#endpoint.pong(controlPayload(payload)) === "sent" || this.#awaitDrain();
  }

  /**
   * Starts the closing handshake (RFC 6455 section 7.1.2). Everything that was sent before goes out first; messages of
   * the peer still arrive until its Close frame does. Messages that are not consumed do not delay the end: if the
   * application has paused or does not listen, those past `maxQueuedAmount` are discarded. A message of `sendStream()`
   * that has not ended is broken off, with what waits behind it. Does nothing when the connection is closing already.
   *
   * @param code 1000-1003, 1007-1014 or 3000-4999; without one the Close frame is empty
   * @param reason at most 123 bytes of UTF-8
   * @throws RangeError for another code or a longer reason, TypeError for a code that is not a number, a reason that is
   *   not a string, and further arguments
   */
  close(code?: number, reason?: string): void;
  close(code?: number, reason = "", ...further: unknown[]): void {
    checkCloseArguments(further);
    this.#endpoint.close(closeStatus(code, reason));
    this.#madeOrder?.release();
  }

  /**
   * Ends the connection at once, without the closing handshake; the peer sees 1006. Of the messages sent before, only
   * those leave that the system takes at once. A message that is being compressed in zlib's threads is lost.
   */
  terminate(): void {
    try {
      this.#endpoint.terminate();
    } finally {
      this.#madeOrder?.release();
    }
  }

  /**
   * Holds messages back until `resume()`, `close()` or `terminate()`. Reading stops when more wait than
   * `maxQueuedAmount`.
   */
  pause(): void {
    this.#order.delivered.pause();
    this.#order.settle();
  }

  /** Lets messages come again after `pause()`, in a later turn of the event loop. */
  resume(): void {
    this.#madeOrder?.delivery?.resume();
  }

  /**
   * Takes the messages one at a time, and each in pieces that come before it has ended: strings of whole characters, or
   * Buffers. So a message may be of any length, and no more of it is kept than `maxQueuedAmount`: a slow loop slows the
   * sender down. `maxPayload` counts for whole messages only; `maxStreamPayload` bounds these.
   *
   * To leave the inner loop, or to go on with the outer one, abandons a message: its rest is read and not kept. Messages
   * come as a whole again behind the outer loop; those that have arrived as a whole before it come as one piece, as those
   * do that an extension can only decode as a whole. If the connection ends before a message, its loop throws.
   *
   * @throws Error while the messages are iterated already
   * @example
   * ```ts
   * for await (const message of connection.streams()) {
   *   for await (const piece of message) console.log(message.type, piece.length);
   * }
   * ```
   */
  streams(): AsyncIterableIterator<MessageStream, undefined, undefined> {
    return this.#order.delivered.stream(this.#endpoint);
  }

  /** Takes the messages one at a time; while a loop runs, they go to it and not to `"message"` listeners. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Message, undefined, undefined> {
    return this.#order.delivered.iterate();
  }

  /** Closes in order, with 1000, and waits for the end: `await using connection = await connect(url)`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#endpoint.close({ code: 1000, reason: "" });
    this.#madeOrder?.release();
    await this.#order.close.closed;
  }

  get #isClosed(): boolean {
    return this.#endpoint.phase === "closed";
  }

  #sendAs(data: string | BinaryData | PreparedMessage, options: SendOptions): SendResult {
    const endpoint = this.#endpoint;
    // Bytes are asked for before others: an `instanceof` that fails looks at all prototypes.
    if (typeof data === "string") return endpoint.sendText(data, options);
    if (data instanceof Uint8Array) return endpoint.sendBytes(Opcode.Binary, data, options);
    if (data instanceof PreparedMessage) return endpoint.sendFramed(framedForm(data));
    return endpoint.sendBytes(Opcode.Binary, asBytes(data), options);
  }

  #onMessage(message: Message): void {
    if ((this.#madeOrder === null || this.#madeOrder.delivery === null) && emitMessage(this, message)) return;
    this.#order.delivered.put(message);
  }

  get #order(): EventOrder<AnyConnection> {
    this.#madeOrder ??= new EventOrder(this, this.#endpoint);
    return this.#madeOrder;
  }

  #onListener(event: string, listener: AnyListener): void {
    // Nothing can be sent any more, so that whoever waits for "drain" is to be rejected.
    if (event === "drain" && this.#endpoint.phase !== "open") this.#order.onListener(event, listener);
    else this.#madeOrder?.onListener(event, listener);
  }

  /** Notes that `send()`, `ping()` or `pong()` returns `false`. */
  #awaitDrain(): false {
    this.#order.drain.await();
    return false;
  }
}
