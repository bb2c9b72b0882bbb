import type { EncodedMessage, MessagePipeline, SendOptions } from "../extensions/index.ts";
import { ENTRY_COST, Fifo } from "../fifo.ts";
import { type MessageOpcode, Opcode } from "../framing/index.ts";
import type { FrameOutput } from "./frame-output.ts";
import { FramedMessage } from "./framed-message.ts";
import type { ReadyFrame } from "./ready-frame.ts";

export interface EncodeListener {
  /** An extension could not encode a message. */
  onEncodingFailed(error: unknown): void;
  /** All messages that had to wait are framed. */
  onAllEncoded(): void;
}

/** A message of this endpoint alone. A framed one has the same properties. */
interface OutgoingMessage {
  readonly opcode: MessageOpcode;
  readonly payload: Uint8Array;
  readonly options: SendOptions;
}

/** A message, or a step that keeps its place among the messages, such as sending the Close frame. */
type Waiting = OutgoingMessage | (() => void);

/** A message as it goes into a frame. */
type Encoded = EncodedMessage | ReadyFrame;

/**
 * Encodes messages by the extensions and puts them into frames, in their order. Usually a message is encoded at
 * once. While one is encoded asynchronously, the others wait behind it, and only control frames overtake them.
 */
export class EncodeQueue {
  readonly #pipeline: MessagePipeline;
  readonly #output: FrameOutput;
  readonly #listener: EncodeListener;
  readonly #waiting = new Fifo<Waiting>();
  #waitingBytes = 0;
  #isEncoding = false;
  #encodingBytes = 0;
  #discarded = false;

  constructor(pipeline: MessagePipeline, output: FrameOutput, listener: EncodeListener) {
    this.#pipeline = pipeline;
    this.#output = output;
    this.#listener = listener;
  }

  /** Whether all messages are framed. */
  get isEmpty(): boolean {
    return !this.#isEncoding && this.#waiting.isEmpty;
  }

  /** Bytes of the messages that are not framed yet, and 64 more for each that waits behind another. */
  get waitingBytes(): number {
    return this.#encodingBytes + this.#waitingBytes;
  }

  /** @param options must not change any more */
  addText(text: string, options: SendOptions): void {
    this.#encodeInOrder({ opcode: Opcode.Text, payload: Buffer.from(text), options });
  }

  /**
   * @param bytes are copied: an extension may read them in another thread, after the application has changed them
   * @param options must not change any more
   */
  addBytes(opcode: MessageOpcode, bytes: Uint8Array, options: SendOptions): void {
    this.#encodeInOrder({ opcode, payload: Buffer.from(bytes), options });
  }

  addFramed(message: FramedMessage): void {
    this.#encodeInOrder(message);
  }

  /** Takes a step after all messages that were added before; at once if none waits. */
  inOrder(step: () => void): void {
    if (this.#isEncoding) this.#waiting.put(step);
    else step();
  }

  /** Abandons the message being encoded and everything queued behind it. */
  discard(): void {
    this.#discarded = true;
    this.#isEncoding = false;
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
    const encoder = message instanceof FramedMessage ? this.#pipeline.sharedEncoder : null;
    if (encoder !== null) return (message as FramedMessage).encodedBy(encoder, this.#pipeline);
    return this.#pipeline.encode(message.payload, message.opcode, message.options);
  }

  /** A message that other endpoints send too was not encoded by the codec of this one. */
  #noteShared(message: OutgoingMessage, encoded: Encoded): void {
    const isShared = "bytes" in encoded && message instanceof FramedMessage && encoded !== message.plain;
    if (isShared) this.#pipeline.onShared();
  }

  /** RFC 7692 section 6.1: the reserved bits are set on the first frame of the message, which is its only one. */
  #add({ opcode }: OutgoingMessage, encoded: Encoded): void {
    if ("bytes" in encoded) this.#output.addFrame(encoded);
    else this.#output.addOwnBytes(opcode, encoded.payload, encoded.rsv);
  }

  async #await(message: OutgoingMessage, encoding: Promise<Encoded>): Promise<void> {
    this.#isEncoding = true;
    this.#encodingBytes = message.payload.length;
    try {
      const encoded = await encoding;
      if (this.#discarded) return;
      this.#noteShared(message, encoded);
      this.#add(message, encoded);
    } catch (error) {
      if (this.#discarded) return;
      this.#fail(error);
    }
    this.#isEncoding = false;
    this.#encodingBytes = 0;
    this.#encodeWaiting();
  }

  /** No message follows one that is missing, but the Close frame does. */
  #fail(error: unknown): void {
    this.#waiting.retain((waiting) => typeof waiting === "function");
    this.#waitingBytes = 0;
    this.#listener.onEncodingFailed(error);
  }

  #encodeWaiting(): void {
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
