import { addAbortSignal, Duplex, type DuplexOptions } from "node:stream";
import type { CloseDetails } from "./close-signal.ts";
import { Connection } from "./connection.ts";
import { duplexOptions, type WebSocketDuplexOptions } from "./duplex-arguments.ts";
import type { Message } from "./message-queue.ts";
import type { BinaryData } from "./payload.ts";
import type { PreparedMessage } from "./prepared-message.ts";

type Callback = (error?: Error | null) => void;

/** What `send()` takes. */
type Sendable = string | BinaryData | PreparedMessage;

// Taken here, so that a property that the application sets on a connection does not replace them.
const { on, off, send, close, terminate, drained, [Symbol.asyncIterator]: iterate } = Connection.prototype;

/** A connection as a stream of node's: it takes the messages as a loop does, so that a slow reader slows the peer down. */
class ConnectionDuplex extends Duplex {
  readonly #connection: Connection<unknown>;
  readonly #messages: AsyncIterator<Message, undefined>;
  readonly #onDrop = () => {
    this.#isDropped = true;
  };
  /** Whether the connection has dropped the last message, by `overflow: "drop"`. */
  #isDropped = false;

  constructor(connection: Connection<unknown>, { signal, ...options }: WebSocketDuplexOptions) {
    super({ ...(options as DuplexOptions), allowHalfOpen: false });
    this.#connection = connection;
    this.#messages = iterate.call(connection);
    on.call(connection, "drop", this.#onDrop);
    void connection.closed.then((details) => this.#onClosed(details));
    // So that an end is noticed though nobody reads.
    this.read(0);
    // Last, since an aborted signal destroys the stream at once.
    if (signal !== undefined) addAbortSignal(signal, this);
  }

  override _read(): void {
    void this.#readMessage();
  }

  override _write(chunk: unknown, encoding: BufferEncoding, callback: Callback): void {
    const message = typeof chunk === "string" ? this.#written(chunk, encoding) : chunk;
    try {
      if (this.#send(message as Sendable)) callback();
      else void this.#sendSlowly(message as Sendable).then(() => callback(), callback);
    } catch (error) {
      callback(error as Error);
    }
  }

  /** Everything was written: the closing handshake follows, and its end is the stream's. */
  override _final(callback: Callback): void {
    close.call(this.#connection, 1000);
    void this.#connection.closed.then(({ error }) => callback(error));
  }

  override _destroy(error: Error | null, callback: Callback): void {
    off.call(this.#connection, "drop", this.#onDrop);
    terminate.call(this.#connection);
    void this.#messages.return?.();
    callback(error);
  }

  async #readMessage(): Promise<void> {
    try {
      const message = await this.#nextMessage();
      // With an encoding, since `defaultEncoding` is meant for strings that are written.
      if (typeof message === "string") this.push(message, "utf8");
      else this.push(message ?? null);
    } catch (error) {
      this.destroy(error as Error);
    }
  }

  /** An empty message is nothing in a stream of bytes. @returns `undefined` at the end */
  async #nextMessage(): Promise<Message | undefined> {
    for (;;) {
      const { value } = await this.#messages.next();
      if (value === undefined || value.length > 0 || this.readableObjectMode) return value;
    }
  }

  /** A string keeps its type in object mode, and without `decodeStrings`; in another encoding it stands for bytes. */
  #written(chunk: string, encoding: BufferEncoding): string | Buffer {
    const isText = this.writableObjectMode || /^utf-?8$/i.test(encoding);
    return isText ? chunk : Buffer.from(chunk, encoding);
  }

  /** @returns whether the message was accepted, and less waits than the connection's `highWaterMark` */
  #send(message: Sendable): boolean {
    this.#isDropped = false;
    return send.call(this.#connection, message);
  }

  /** Waits after a send that has returned `false`. What was dropped, since others had sent as well, is sent again. */
  async #sendSlowly(message: Sendable): Promise<void> {
    for (;;) {
      const isDropped = this.#isDropped;
      await drained.call(this.#connection);
      if (!isDropped || this.#send(message)) return;
    }
  }

  /** A connection that was closed in order takes nothing more. The error of another one comes to the reader, or a write. */
  #onClosed({ error }: CloseDetails): void {
    if (error === null && !this.writableEnded && !this.destroyed) this.end();
  }
}

/**
 * Makes a node Duplex of a connection, for `pipeline()` and everything else that takes a stream. It takes the messages as
 * a loop does, so there can be no other loop meanwhile, and `"message"` listeners get nothing.
 *
 * By default it is a stream of bytes: each chunk that is written is sent as a binary message, strings included, and
 * messages are read without their boundaries. In object mode each chunk is one message: a string for text, a Buffer for
 * binary. Both directions have back-pressure down to the socket.
 *
 * `end()` closes with 1000 behind what was written, and `"finish"` follows the closing handshake. `destroy()` terminates.
 * When the peer closes, the stream ends in both directions, since nothing can be sent any more; if the connection is cut
 * off or fails, the stream is destroyed with the `ConnectionError`, behind the messages before. As with every node stream
 * that is destroyed, the chunks in its own buffer are lost then.
 *
 * @throws TypeError for anything but a connection and valid options. Error while the messages are iterated already
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { once } from "node:events";
 * import { Readable } from "node:stream";
 * import { pipeline } from "node:stream/promises";
 * import { connect, createWebSocketStream, WebSocketServer } from "tautline";
 *
 * const server = new WebSocketServer({ port: 0 });
 * const received = new Promise((resolve) => {
 *   server.on("connection", (connection) => connection.once("message", (data) => resolve(String(data))));
 * });
 * await once(server, "listening");
 *
 * const connection = await connect(`ws://localhost:${server.address().port}`);
 * await pipeline(Readable.from(["hello"]), createWebSocketStream(connection));
 * assert.equal(await received, "hello");
 * await server.close();
 * ```
 */
export function createWebSocketStream(connection: Connection<unknown>, options?: WebSocketDuplexOptions): Duplex;
export function createWebSocketStream(
  connection: Connection<unknown>,
  options: WebSocketDuplexOptions = {},
  ...further: unknown[]
): Duplex {
  return new ConnectionDuplex(connection, duplexOptions(connection, options, further));
}
