import type { EncodedMessage, MessagePipeline, SendOptions } from "../extensions/index.ts";
import { ENTRY_COST, Fifo } from "../fifo.ts";
import { type MessageOpcode, Opcode } from "../framing/index.ts";
import type { Outbox } from "./outbox.ts";
import { PreparedMessage } from "./prepared-message.ts";
import type { ReadyFrame } from "./ready-frame.ts";

export interface OutgoingListener {
  /** An extension could not encode a message. */
  onEncodingFailed(error: unknown): void;
  /** All messages that had to wait are in the outbox now, or have left it. */
  onAllEncoded(): void;
}

/** A message of this connection's own; a prepared one has the same. */
interface OutgoingMessage {
  readonly opcode: MessageOpcode;
  readonly payload: Uint8Array;
  readonly options: SendOptions;
}

/** Something that has its place in the order of what is sent, such as the Close frame. */
type Waiting = OutgoingMessage | (() => void);

/** A message as it goes into the outbox. */
type Encoded = EncodedMessage | ReadyFrame;

/**
 * The messages on their way through the extensions to the outbox, one after the other. Mostly none waits; while one
 * takes its time, those behind it do, and only control frames overtake them.
 */
export class OutgoingMessages {
  readonly #pipeline: MessagePipeline;
  readonly #outbox: Outbox;
  readonly #listener: OutgoingListener;
  /** What comes behind the message that is being encoded. */
  readonly #waiting = new Fifo<Waiting>();
  #waitingBytes = 0;
  #isEncoding = false;
  #encodingBytes = 0;
  #discarded = false;

  constructor(pipeline: MessagePipeline, outbox: Outbox, listener: OutgoingListener) {
    this.#pipeline = pipeline;
    this.#outbox = outbox;
    this.#listener = listener;
  }

  /** Whether nothing is under way to the outbox. */
  get isEmpty(): boolean {
    return !this.#isEncoding && this.#waiting.isEmpty;
  }

  /** Bytes of messages that are under way to the outbox, and 64 more for each that waits its turn. */
  get waitingBytes(): number {
    return this.#encodingBytes + this.#waitingBytes;
  }

  /** @param options nobody changes them any more; those of a prepared message are its own */
  send(message: string | Uint8Array | PreparedMessage, options: SendOptions): void {
    if (message instanceof PreparedMessage) {
      this.#encodeInOrder(message);
      return;
    }
    const opcode = typeof message === "string" ? Opcode.Text : Opcode.Binary;
    // A copy of bytes: an extension may read them in another thread, after the application has changed or moved them.
    const payload = Buffer.from(message as string);
    this.#encodeInOrder({ opcode, payload, options });
  }

  /** Takes a step behind all messages that were sent before it; at once where none waits. */
  inOrder(step: () => void): void {
    if (this.#isEncoding) this.#waiting.put(step);
    else step();
  }

  /** Gives up what is under way. */
  discard(): void {
    this.#discarded = true;
    this.#waiting.clear();
    this.#waitingBytes = 0;
    this.#encodingBytes = 0;
  }

  #encodeInOrder(message: OutgoingMessage): void {
    if (!this.#isEncoding) {
      this.#encode(message);
    } else {
      this.#waitingBytes += message.payload.length + ENTRY_COST;
      this.#waiting.put(message);
    }
  }

  #encode(message: OutgoingMessage): void {
    let encoding: Encoded | Promise<Encoded>;
    try {
      encoding = this.#encoded(message);
      if ("payload" in encoding) this.#noteShared(message, encoding);
    } catch (error) {
      this.#fail(error);
      return;
    }
    if ("payload" in encoding) this.#add(message, encoding);
    else void this.#await(message, encoding);
  }

  #encoded(message: OutgoingMessage): Encoded | Promise<Encoded> {
    const encoder = message instanceof PreparedMessage ? this.#pipeline.sharedEncoder : null;
    if (encoder !== null) return (message as PreparedMessage).encodedBy(encoder, this.#pipeline);
    return this.#pipeline.encode(message.payload, message.opcode, message.options);
  }

  /** What others send as well has gone past the extension's codec of this connection. */
  #noteShared(message: OutgoingMessage, encoded: Encoded): void {
    const isShared = "bytes" in encoded && message instanceof PreparedMessage && encoded !== message.plain;
    if (isShared) this.#pipeline.onShared();
  }

  /** RFC 7692 section 6.1: the bits of the extensions that have changed it stand on its first frame, its only one. */
  #add({ opcode }: OutgoingMessage, encoded: Encoded): void {
    if ("bytes" in encoded) this.#outbox.addFrame(encoded);
    else this.#outbox.addOwnBytes(opcode, encoded.payload, encoded.rsv);
  }

  async #await(message: OutgoingMessage, encoding: Promise<Encoded>): Promise<void> {
    this.#isEncoding = true;
    this.#encodingBytes = message.payload.length;
    try {
      const encoded = await encoding;
      if (!this.#discarded) {
        this.#noteShared(message, encoded);
        this.#add(message, encoded);
      }
    } catch (error) {
      if (!this.#discarded) this.#fail(error);
    }
    this.#isEncoding = false;
    this.#encodingBytes = 0;
    this.#goOn();
  }

  /** The messages behind one that is missing are not sent; the farewell is. */
  #fail(error: unknown): void {
    this.#waiting.retain((waiting) => typeof waiting === "function");
    this.#waitingBytes = 0;
    this.#listener.onEncodingFailed(error);
  }

  #goOn(): void {
    while (!this.#isEncoding) {
      const next = this.#waiting.take();
      if (next === undefined) {
        this.#listener.onAllEncoded();
        return;
      }
      if (typeof next === "function") {
        next();
      } else {
        this.#waitingBytes -= next.payload.length + ENTRY_COST;
        this.#encode(next);
      }
    }
  }
}
