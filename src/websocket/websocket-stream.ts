import { ABNORMAL_CLOSURE } from "../framing/index.ts";
import { ConnectError } from "../node/connect-error.ts";
import { Opening } from "../node/opening.ts";
import { closeStatusFrom, type WebSocketCloseInfo } from "./close-info.ts";
import { Deferred } from "./deferred.ts";
import { MessageStreams, messageStreamsListener, type StreamsEnd } from "./message-streams.ts";
import type { StreamChunk } from "./stream-chunk.ts";
import { urlRecord } from "./url-record.ts";
import { requireArguments, toUsvString } from "./web-idl.ts";
import { connectionEndedBy } from "./websocket-error.ts";
import { checkedStreamOptions, type WebSocketStreamOptions } from "./websocket-stream-options.ts";

/** An open connection. */
export interface WebSocketOpenInfo {
  /** The messages of the peer: strings for text, each a `Uint8Array` for binary. */
  readonly readable: ReadableStream<string | Uint8Array>;
  /** Sends each chunk as a message: text for a string, binary for an ArrayBuffer or a view of one. */
  readonly writable: WritableStream<string | ArrayBuffer | NodeJS.ArrayBufferView>;
  /** The extensions in use as `Sec-WebSocket-Extensions` names them, "" for none. */
  readonly extensions: string;
  /** The subprotocol in use, "" for none. */
  readonly protocol: string;
}

/** How a connection was closed, as the peer's Close frame says. */
export interface WebSocketClosedInfo {
  /** 1005 if the Close frame has no code. */
  readonly closeCode: number;
  /** "" if the Close frame has no reason. */
  readonly reason: string;
}

/**
 * A WebSocket connection as two streams with back-pressure, by the WHATWG's proposal and Chromium.
 *
 * Two messages are read ahead. While nobody takes them, the connection is not read, and TCP slows the peer down. Pings
 * and the peer's Close frame wait as well. A write ends when the connection has room for more, so that a peer that reads
 * slowly slows the writer down.
 *
 * Whatever ends one of the streams closes the connection: `writable.close()` waits for the closing handshake,
 * `readable.cancel()` and `writable.abort()` send the code and the reason if they are given a `WebSocketError`. Messages
 * that arrive afterwards are dropped, and so are chunks that are written after `close()` or `cancel()`.
 *
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { once } from "node:events";
 * import { WebSocketServer, WebSocketStream } from "tautline";
 *
 * const server = new WebSocketServer({ port: 0 });
 * server.on("connection", (connection) => connection.on("message", (data) => connection.send(data)));
 * await once(server, "listening");
 *
 * const socket = new WebSocketStream(`ws://localhost:${server.address().port}/chat`);
 * const { readable, writable } = await socket.opened;
 * const writer = writable.getWriter();
 * await writer.write("hello");
 * for await (const message of readable) {
 *   assert.equal(message, "hello");
 *   break; // cancels the readable, which closes the connection
 * }
 * const { closeCode } = await socket.closed;
 * assert.equal(closeCode, 1005);
 * await server.close();
 * ```
 */
export class WebSocketStream {
  readonly #url: string;
  readonly #signal: AbortSignal | undefined;
  readonly #opened = new Deferred<WebSocketOpenInfo>();
  readonly #closed = new Deferred<WebSocketClosedInfo>();
  /** `null` once it is over. */
  #opening: Opening<MessageStreams, StreamChunk> | null;
  #streams: MessageStreams | null = null;
  /** Whether the application has called `close()`. */
  #isClosing = false;

  /**
   * Starts to open a connection.
   *
   * @param url ws:, wss:, http: or https:, without a fragment; relative to `base`, if there is one
   * @throws DOMException SyntaxError for another URL, or for subprotocols that are not tokens or occur twice; TypeError or
   *   RangeError for an option that is not valid
   */
  constructor(url: string | URL, options?: WebSocketStreamOptions);
  constructor(url: string | URL, ...[options]: readonly unknown[]) {
    // biome-ignore lint/complexity/noArguments: the number of arguments that were passed
    requireArguments(arguments.length, 1, "WebSocketStream");
    const text = toUsvString(url);
    const { base, opening } = checkedStreamOptions(options);
    const record = urlRecord(text, base);
    this.#url = record.href;
    this.#signal = opening.signal;
    this.#opening = new Opening(record, { ...opening, needsSubprotocol: true }, messageStreamsListener, {
      onOpen: (endpoint, { extensions, protocol }, rest) => {
        const streams = new MessageStreams(endpoint, (end) => this.#onEnd(end));
        this.#streams = streams;
        this.#opening = null;
        this.#opened.resolve({ extensions, protocol, readable: streams.readable, writable: streams.writable });
        endpoint.start(rest);
      },
      onFailed: (error) => this.#onFailed(error),
    });
    this.#opening.start();
  }

  /** The URL of the connection, as it was resolved and normalized. */
  get url(): string {
    return this.#url;
  }

  /**
   * Resolves with the streams once the connection is open. Rejects with a `WebSocketError` if it could not be opened,
   * whose `cause` is a `ConnectError`, and with the signal's reason if the opening was aborted. A rejection that nobody
   * awaits is not reported.
   */
  get opened(): Promise<WebSocketOpenInfo> {
    return #opened in this ? this.#opened.promise : rejectForeign("opened");
  }

  /**
   * Resolves once the connection was closed cleanly: by the closing handshake, and with everything sent. Rejects
   * otherwise, with a `WebSocketError` whose `closeCode` is that of the peer's Close frame, 1006 if none came, and whose
   * `cause` is the `ConnectionError` or `ConnectError`, if there is one. A rejection that nobody awaits is not reported.
   */
  get closed(): Promise<WebSocketClosedInfo> {
    return #closed in this ? this.#closed.promise : rejectForeign("closed");
  }

  /**
   * Starts the closing handshake. While the connection is being opened, that is given up. Does nothing when the
   * connection is closing already.
   *
   * @throws DOMException InvalidAccessError for a code other than 1000 and 3000 to 4999, SyntaxError for a reason of
   *   more than 123 bytes of UTF-8; TypeError for anything but an object, or a code that is not from 0 to 65,535
   */
  close(closeInfo?: WebSocketCloseInfo): void;
  close(...[closeInfo]: readonly unknown[]): void {
    const status = closeStatusFrom(closeInfo, "WebSocketStream.close()");
    this.#isClosing = true;
    this.#opening?.cancel("the application has closed the WebSocketStream");
    this.#streams?.close(status);
  }

  #onFailed(error: Error): void {
    this.#opening = null;
    if (this.#signal?.aborted === true && error instanceof ConnectError && error.code === "ABORTED") {
      this.#opened.reject(this.#signal.reason);
      this.#closed.reject(this.#signal.reason);
      return;
    }
    const message = this.#isClosing
      ? "the WebSocketStream was closed before the connection was open"
      : `the connection could not be opened: ${error.message}`;
    this.#opened.reject(connectionEndedBy(message, null, error));
    this.#closed.reject(connectionEndedBy(message, { code: ABNORMAL_CLOSURE, reason: "" }, error));
  }

  #onEnd({ status, failure }: StreamsEnd): void {
    if (failure === null) this.#closed.resolve({ closeCode: status.code, reason: status.reason });
    else this.#closed.reject(failure);
  }
}

Object.defineProperties(WebSocketStream.prototype, {
  url: { enumerable: true },
  opened: { enumerable: true },
  closed: { enumerable: true },
  close: { enumerable: true },
  [Symbol.toStringTag]: { value: "WebSocketStream", configurable: true },
});

/** Web IDL: an attribute that is a promise rejects rather than throws. */
function rejectForeign(attribute: string): Promise<never> {
  return Promise.reject(new TypeError(`${attribute} was read from an object that is not a WebSocketStream`));
}
