import { ExtensionViolations } from "../extensions/extension-violations.ts";
import type { MessagePipeline } from "../extensions/index.ts";
import { Fifo } from "../fifo.ts";
import { asBuffer } from "../framing/byte-views.ts";
import { type MessageForm, type MessageOpcode, Opcode, type Violation, Violations } from "../framing/index.ts";

export interface DecodeListener<Message> {
  /** The next message in order: it was decoded, or no extension had changed it. */
  onDecoded(opcode: MessageOpcode, message: Message): void;
  /** A message could not be decoded. */
  onDecodingFailed(violation: Violation, cause?: unknown): void;
  /** Nothing is being decoded any more, and nothing waits. */
  onDecodingDone(): void;
  /** Something waits: no frame should be read after the current one. */
  onQueueFilled(): void;
}

type Decoded = Uint8Array | Violation;

interface EncodedMessage {
  readonly opcode: MessageOpcode;
  readonly rsv: number;
  readonly payload: Buffer;
}

interface PlainMessage<Message> {
  readonly opcode: MessageOpcode;
  readonly message: Message;
}

/** A message, or a step that keeps its place among the messages. */
type Waiting<Message> = EncodedMessage | PlainMessage<Message> | (() => void);

/**
 * Decodes received messages by the extensions, in their order. Usually a message is decoded at once. While one is
 * decoded asynchronously, control frames are still answered; everything else waits behind it, and reading stops.
 */
export class DecodeQueue<Message> {
  #pipeline: MessagePipeline | null;
  readonly #maxPayload: number;
  readonly #form: MessageForm<Message>;
  readonly #listener: DecodeListener<Message>;
  #isDecoding = false;
  readonly #waiting = new Fifo<Waiting<Message>>();
  #discarded = false;

  /** @param maxPayload the longest decoded message that is accepted, in bytes */
  constructor(
    pipeline: MessagePipeline,
    maxPayload: number,
    form: MessageForm<Message>,
    listener: DecodeListener<Message>,
  ) {
    this.#pipeline = pipeline;
    this.#maxPayload = maxPayload;
    this.#form = form;
    this.#listener = listener;
  }

  /** Serves another connection. To be called only if `isIdle`. */
  bind(pipeline: MessagePipeline | null): void {
    this.#pipeline = pipeline;
  }

  /** Whether it holds nothing of its connection. */
  get isIdle(): boolean {
    return !this.#isDecoding && !this.#discarded && this.#waiting.isEmpty;
  }

  /** Whether a message is being decoded asynchronously. */
  get isDecoding(): boolean {
    return this.#isDecoding;
  }

  /** Whether something waits behind that message. */
  get isFull(): boolean {
    return !this.#waiting.isEmpty;
  }

  /** Takes a step after the messages that arrived before; at once if none is being decoded. */
  inOrder(step: () => void): void {
    if (this.#isDecoding) this.#wait(step);
    else step();
  }

  /** Takes a message that no extension has changed. */
  take(opcode: MessageOpcode, message: Message): void {
    if (this.#isDecoding) this.#wait({ opcode, message });
    else this.#listener.onDecoded(opcode, message);
  }

  /**
   * Takes an encoded message.
   *
   * @param payload is read before the method returns
   * @returns the rule that it breaks, if that is known at once
   */
  decode(opcode: MessageOpcode, rsv: number, payload: Buffer): Violation | null {
    if (this.#isDecoding) {
      this.#wait({ opcode, rsv, payload: Buffer.from(payload) });
      return null;
    }
    let result: Decoded | Promise<Decoded>;
    try {
      result = (this.#pipeline as MessagePipeline).decode(payload, opcode, rsv);
    } catch (error) {
      // The connection fails here, with the cause, and the return value stops the reading.
      this.#listener.onDecodingFailed(ExtensionViolations.EXTENSION_FAILED, error);
      return ExtensionViolations.EXTENSION_FAILED;
    }
    if (!("then" in result)) return this.#deliver(opcode, result, false);
    void this.#await(opcode, result);
    return null;
  }

  /** Abandons the message being decoded and everything queued behind it. */
  discard(): void {
    this.#discarded = true;
    this.#isDecoding = false;
    this.#waiting.clear();
  }

  #wait(waiting: Waiting<Message>): void {
    this.#waiting.put(waiting);
    this.#listener.onQueueFilled();
  }

  async #await(opcode: MessageOpcode, decoding: Promise<Decoded>): Promise<void> {
    this.#isDecoding = true;
    let violation: Violation | null;
    let cause: unknown;
    try {
      const decoded = await decoding;
      violation = this.#discarded ? null : this.#deliver(opcode, decoded, true);
    } catch (error) {
      violation = ExtensionViolations.EXTENSION_FAILED;
      cause = error;
    }
    if (this.#discarded) return;
    this.#isDecoding = false;
    if (violation !== null) this.#fail(violation, cause);
    this.#takeAll();
  }

  /** @param owned whether no other code uses the memory */
  #deliver(opcode: MessageOpcode, decoded: Decoded, owned: boolean): Violation | null {
    if ("closeCode" in decoded) return decoded;
    if (decoded.length > this.#maxPayload) return Violations.MESSAGE_TOO_BIG;
    const message = this.#formed(opcode, asBuffer(decoded), owned);
    // RFC 7692 section 6.1: after decompression the payload is subject to the rules of its type again.
    if (message === null) return Violations.TEXT_NOT_UTF8;
    this.#listener.onDecoded(opcode, message);
    return null;
  }

  #formed(opcode: MessageOpcode, bytes: Buffer, owned: boolean): Message | null {
    if (opcode === Opcode.Text) return this.#form.text(bytes, 0, bytes.length);
    return owned ? this.#form.ownedBinary(bytes) : this.#form.binary(bytes, 0, bytes.length);
  }

  /** No message follows one that is missing, but the steps behind it are taken. */
  #fail(violation: Violation, cause?: unknown): void {
    this.#waiting.retain((waiting) => typeof waiting === "function");
    this.#listener.onDecodingFailed(violation, cause);
  }

  #takeAll(): void {
    while (!this.#isDecoding) {
      const next = this.#waiting.take();
      if (next === undefined) {
        this.#listener.onDecodingDone();
        return;
      }
      this.#takeWaiting(next);
    }
  }

  #takeWaiting(waiting: Waiting<Message>): void {
    if (typeof waiting === "function") {
      waiting();
    } else if ("message" in waiting) {
      this.#listener.onDecoded(waiting.opcode, waiting.message);
    } else {
      const violation = this.decode(waiting.opcode, waiting.rsv, waiting.payload);
      if (violation !== null) this.#fail(violation);
    }
  }
}
