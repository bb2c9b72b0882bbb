import type { Blob as NodeBlob } from "node:buffer";
import { closeStatusOf } from "./close-arguments.ts";
import type { CloseEvent } from "./close-event.ts";
import { EventHandlers } from "./event-handlers.ts";
import type { WebSocketErrorEvent } from "./fired-events.ts";
import type { BinaryType, MessageEvent } from "./message-event.ts";
import { outgoingData } from "./outgoing-data.ts";
import { ReadyState } from "./ready-state.ts";
import { SocketState } from "./socket-state.ts";
import { urlRecord } from "./url-record.ts";
import { isObject, requireArguments, toClampedUnsignedShort, toEnumeration, toUsvString } from "./web-idl.ts";
import { checkedOptions, type WebSocketOptions } from "./web-socket-options.ts";

/** The events of a `WebSocket` by their types. */
export interface WebSocketEventMap {
  open: Event;
  message: MessageEvent;
  error: WebSocketErrorEvent;
  close: CloseEvent;
}

type Handler<Fired> = ((event: Fired) => unknown) | null;
type AddingOptions = Parameters<EventTarget["addEventListener"]>[2];
type RemovingOptions = Parameters<EventTarget["removeEventListener"]>[2];
type AnyListener = Parameters<EventTarget["addEventListener"]>[1];
type ListenerFor<Type extends keyof WebSocketEventMap> = (this: WebSocket, event: WebSocketEventMap[Type]) => unknown;

/**
 * The browser's `WebSocket` by the WHATWG standard, which also works as `globalThis.WebSocket`. It adds to the standard:
 * options as the second argument, and the property `error` of the event `"error"`.
 *
 * Nothing can hold messages back here: if they should wait for their consumer, `connect()` has `for await`.
 *
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { once } from "node:events";
 * import { WebSocket, WebSocketServer } from "tautline";
 *
 * const server = new WebSocketServer({ port: 0, protocols: ["v1.chat"] });
 * server.on("connection", (connection) => connection.on("message", (data) => connection.send(data)));
 * await once(server, "listening");
 *
 * const socket = new WebSocket(`ws://localhost:${server.address().port}/chat`, ["v2.chat", "v1.chat"]);
 * socket.binaryType = "arraybuffer";
 * socket.onopen = () => socket.send("hello");
 * socket.onerror = ({ error }) => console.log(error?.message);
 * socket.onmessage = ({ data }) => {
 *   assert.equal(data, "hello");
 *   socket.close(1000, "done");
 * };
 * const [{ code, reason, wasClean }] = await once(socket, "close");
 * assert.deepEqual([code, reason, wasClean, socket.protocol], [1000, "done", true, "v1.chat"]);
 * await server.close();
 * ```
 */
export class WebSocket extends EventTarget {
  static readonly CONNECTING = ReadyState.CONNECTING;
  static readonly OPEN = ReadyState.OPEN;
  static readonly CLOSING = ReadyState.CLOSING;
  static readonly CLOSED = ReadyState.CLOSED;
  declare readonly CONNECTING: 0;
  declare readonly OPEN: 1;
  declare readonly CLOSING: 2;
  declare readonly CLOSED: 3;

  readonly #state: SocketState;
  /** Made with the first event handler. */
  #handlers: EventHandlers | null = null;

  /**
   * Begins to connect.
   *
   * @param url ws:, wss:, http: or https:, without a fragment; relative to `base` or `globalThis.location`
   * @param protocols the subprotocols to offer, the most wanted first, or options
   * @throws DOMException SyntaxError for a URL or subprotocols that cannot be used; TypeError without a URL; TypeError or
   *   RangeError for an option that is not valid
   */
  constructor(url: string | URL, protocols?: string | Iterable<string> | WebSocketOptions);
  constructor(...given: readonly unknown[]) {
    requireArguments(given.length, 1, "the constructor of WebSocket");
    super();
    const url = toUsvString(given[0]);
    const { base, protocols, opening } = checkedOptions(optionsOf(given[1]), "WebSocket");
    this.#state = new SocketState(this, urlRecord(url, base), { ...opening, protocols });
  }

  /** The URL in use, serialized. */
  get url(): string {
    return this.#state.url.href;
  }

  /** 0 (CONNECTING), 1 (OPEN), 2 (CLOSING) or 3 (CLOSED). */
  get readyState(): ReadyState {
    return this.#state.readyState;
  }

  /**
   * Bytes of messages, without the headers of frames, that were sent and had not left this process when the current turn
   * of the event loop began. Once the connection has closed, it only grows with each `send()`.
   */
  get bufferedAmount(): number {
    return this.#state.bufferedAmount;
  }

  /** The extensions in use as `Sec-WebSocket-Extensions` names them; "" for none, and until the socket is open. */
  get extensions(): string {
    return this.#state.extensions;
  }

  /** The subprotocol in use; "" for none, and until the socket is open. */
  get protocol(): string {
    return this.#state.protocol;
  }

  /** What binary messages are handed out as, from the next event on: "blob" at first. Other values are ignored. */
  get binaryType(): BinaryType {
    return this.#state.binaryType;
  }

  set binaryType(value: BinaryType) {
    const state = this.#state;
    state.binaryType = toEnumeration(value, ["blob", "arraybuffer"]) ?? state.binaryType;
  }

  get onopen(): Handler<Event> {
    return this.#handler("open");
  }

  set onopen(value: Handler<Event>) {
    this.#setHandler("open", value);
  }

  get onmessage(): Handler<MessageEvent> {
    return this.#handler("message");
  }

  set onmessage(value: Handler<MessageEvent>) {
    this.#setHandler("message", value);
  }

  get onerror(): Handler<WebSocketErrorEvent> {
    return this.#handler("error");
  }

  set onerror(value: Handler<WebSocketErrorEvent>) {
    this.#setHandler("error", value);
  }

  get onclose(): Handler<CloseEvent> {
    return this.#handler("close");
  }

  set onclose(value: Handler<CloseEvent>) {
    this.#setHandler("close", value);
  }

  /**
   * Sends a message: text for a string, binary for a Blob, an ArrayBuffer or a view of one. Anything else is converted to
   * a string, by Web IDL also a SharedArrayBuffer. Bytes are copied. While a Blob is read, later messages wait behind it.
   * If the socket is closing or closed, the message is dropped, and `bufferedAmount` grows by it.
   *
   * @throws DOMException InvalidStateError while the socket is connecting; TypeError for a view of shared memory, for
   *   resizable memory, and for a Symbol
   */
  send(data: string | ArrayBufferLike | ArrayBufferView | Blob | NodeBlob): void;
  send(...given: readonly unknown[]): void {
    const state = this.#state;
    requireArguments(given.length, 1, "WebSocket.send");
    const data = outgoingData(given[0]);
    if (state.readyState === ReadyState.CONNECTING) {
      throw new DOMException('the socket is still connecting: wait for the event "open"', "InvalidStateError");
    }
    state.send(data);
  }

  /**
   * Starts the closing handshake, after everything that was sent; a socket that is connecting fails. `"close"` follows, never
   * within this call. Does nothing when the socket is closing already.
   *
   * @param code 1000, or 3000 to 4999; without one the Close frame is empty
   * @param reason at most 123 bytes of UTF-8
   * @throws DOMException InvalidAccessError for another code, SyntaxError for a longer reason
   */
  close(code?: number, reason?: string): void;
  close(...[code, reason]: readonly unknown[]): void {
    const state = this.#state;
    const sent = code === undefined ? undefined : toClampedUnsignedShort(code);
    state.close(closeStatusOf(sent, reason === undefined ? undefined : toUsvString(reason)));
  }

  override addEventListener<Type extends keyof WebSocketEventMap>(
    type: Type,
    listener: ListenerFor<Type>,
    options?: AddingOptions,
  ): void;
  override addEventListener(type: string, listener: AnyListener, options?: AddingOptions): void;
  override addEventListener(...given: Parameters<EventTarget["addEventListener"]>): void {
    super.addEventListener(...given);
    if (!(#state in this)) return;
    const options = given[2];
    if (typeof options === "object" && options !== null && options.once) this.#state.onPassingListener();
    this.#state.review();
  }

  override removeEventListener<Type extends keyof WebSocketEventMap>(
    type: Type,
    listener: ListenerFor<Type>,
    options?: RemovingOptions,
  ): void;
  override removeEventListener(type: string, listener: AnyListener, options?: RemovingOptions): void;
  override removeEventListener(...given: Parameters<EventTarget["removeEventListener"]>): void {
    super.removeEventListener(...given);
    if (#state in this) this.#state.review();
  }

  #handler<Fired>(type: string): Handler<Fired> {
    // An object that is not a function is given back as it was set.
    return (this.#handlers?.get(type) ?? null) as Handler<Fired>;
  }

  #setHandler(type: string, value: unknown): void {
    if (this.#handlers === null) {
      if (!isObject(value)) return;
      this.#handlers = new EventHandlers(this);
    }
    this.#handlers.set(type, value);
    this.#state.review();
  }
}

/** Web IDL: an object that is not a sequence is a dictionary, anything else is a string. */
function optionsOf(given: unknown): unknown {
  if (given === undefined) return {};
  if (typeof given !== "object" || given === null) return { protocols: given };
  const { [Symbol.iterator]: iterator } = given as { [Symbol.iterator]?: unknown };
  return iterator === undefined || iterator === null ? given : { protocols: given };
}

const CONSTANT = { enumerable: true, writable: false, configurable: false };

// Web IDL: constants are on the class and on its prototype, and everything in the interface is enumerable.
for (const [name, value] of Object.entries(ReadyState)) {
  Object.defineProperty(WebSocket, name, { ...CONSTANT, value });
  Object.defineProperty(WebSocket.prototype, name, { ...CONSTANT, value });
}
for (const name of Object.getOwnPropertyNames(WebSocket.prototype)) {
  if (name !== "constructor") Object.defineProperty(WebSocket.prototype, name, { enumerable: true });
}
Object.defineProperty(WebSocket.prototype, Symbol.toStringTag, { value: "WebSocket", configurable: true });
// Arguments are counted, so they are rest parameters, which have no length.
Object.defineProperty(WebSocket, "length", { value: 1 });
Object.defineProperty(WebSocket.prototype.send, "length", { value: 1 });
for (const name of ["addEventListener", "removeEventListener"] as const) {
  Object.defineProperty(WebSocket.prototype[name], "length", { value: 2 });
}
