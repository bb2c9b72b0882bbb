import type { MessagePort } from "node:worker_threads";

/** How binary messages are handed out. */
export type BinaryType = "blob" | "arraybuffer";

/** The dictionary of the constructor of `MessageEvent`. */
export interface MessageEventInit<Data = unknown> extends NonNullable<ConstructorParameters<typeof Event>[1]> {
  data?: Data;
  origin?: string;
  lastEventId?: string;
  source?: MessagePort | null;
  ports?: MessagePort[];
}

/** What programs with different libraries of types have in common here: `any` fits the types of each. */
// biome-ignore-start lint/suspicious/noExplicitAny: lib.dom has it for data, and others have other ports.
interface MessageParts<Data> {
  /** A string for text; a Blob or an ArrayBuffer for binary, by `binaryType`. */
  readonly data: Data;
  /** The origin of the URL, such as "wss://example.com". */
  readonly origin: string;
  readonly lastEventId: string;
  readonly source: any;
  readonly ports: readonly any[];
}

/** The event `"message"` of a `WebSocket`. If a program has the types of a page, it is the one of a page. */
export type MessageEvent<Data = any> = (typeof globalThis extends { MessageEvent: { prototype: infer Global } }
  ? Omit<Global, keyof MessageParts<Data> | "initMessageEvent"> & { initMessageEvent(...given: any[]): void }
  : Event) &
  MessageParts<Data>;
// biome-ignore-end lint/suspicious/noExplicitAny: the end of the types that are shared.

export interface MessageEventConstructor {
  readonly prototype: MessageEvent;
  new <Data>(type: string, init?: MessageEventInit<Data>): MessageEvent<Data>;
}

/**
 * The class of the event `"message"`: that of node, so that `instanceof` agrees with the rest of the platform.
 *
 * @example
 * ```ts
 * import { MessageEvent } from "tautline";
 *
 * const event = new MessageEvent("message", { data: "hello", origin: "wss://example.com" });
 * console.log(event.data);
 * ```
 */
export const MessageEvent: MessageEventConstructor = (
  globalThis as unknown as { MessageEvent: MessageEventConstructor }
).MessageEvent;

const NO_PORTS: readonly unknown[] = Object.freeze([]);

/**
 * A message event of a socket. It inherits from `MessageEvent.prototype`, but its constructor is that of `Event` alone:
 * node's own takes twice as long. What `data` is made of, is decided when the event is made; it is made when somebody
 * first reads it, since an ArrayBuffer takes longer than all the rest of a short message.
 */
class ReceivedMessage extends Event {
  #content: string | Uint8Array | ArrayBuffer | Blob;
  readonly #binaryType: BinaryType;
  readonly #origin: string;

  constructor(content: string | Uint8Array, binaryType: BinaryType, origin: string) {
    super("message");
    this.#content = content;
    this.#binaryType = binaryType;
    this.#origin = origin;
  }

  /** The user agent has fired it. */
  override get isTrusted(): boolean {
    return true;
  }

  get data(): string | ArrayBuffer | Blob {
    const content = this.#content;
    if (!(content instanceof Uint8Array)) return content;
    const data = this.#binaryType === "blob" ? new Blob([content]) : (content.buffer as ArrayBuffer);
    this.#content = data;
    return data;
  }

  get origin(): string {
    return this.#origin;
  }

  get lastEventId(): string {
    return "";
  }

  get source(): null {
    return null;
  }

  get ports(): readonly unknown[] {
    return NO_PORTS;
  }
}

Object.setPrototypeOf(ReceivedMessage.prototype, MessageEvent.prototype as object);
Object.defineProperty(ReceivedMessage.prototype, "constructor", { value: MessageEvent });

/**
 * Makes the event for a message that was received.
 *
 * @param content a text, or an array that alone has its ArrayBuffer, of the same length
 */
export function receivedMessage(content: string | Uint8Array, binaryType: BinaryType, origin: string): Event {
  return new ReceivedMessage(content, binaryType, origin);
}
