import type { MessagePipeline } from "../extensions/index.ts";
import { Fifo } from "../fifo.ts";
import { asBuffer } from "../framing/byte-views.ts";
import { decodeUtf8, type MessageOpcode, Opcode } from "../framing/index.ts";
import { type Violation, Violations } from "../framing/violations.ts";
import type { Message } from "./inbox.ts";

/** What the way in needs of its connection. */
export interface IncomingHost {
  /** A message was decoded. */
  onDecoded(data: Message): void;
  /** A message could not be decoded. */
  onDecodingFailed(violation: Violation, cause?: unknown): void;
  /** Nothing is being decoded any more: what was held back may come. */
  onDecodingDone(): void;
  /** No further bytes, please, but for the frame that is being read. */
  stopReading(): void;
}

type Decoded = Uint8Array | Violation;

interface EncodedMessage {
  readonly opcode: MessageOpcode;
  readonly rsv: number;
  readonly payload: Buffer;
}

interface PlainMessage {
  readonly data: Message;
}

/** What must not overtake a message: another one, or something that has its place in the order of arrival. */
type Waiting = EncodedMessage | PlainMessage | (() => void);

/**
 * The messages on their way from the frames through the extensions. Mostly none waits. While one takes its time,
 * control frames are answered, and the first thing that must not overtake it stops the reading.
 */
export class IncomingMessages {
  readonly #pipeline: MessagePipeline;
  readonly #maxPayload: number;
  readonly #host: IncomingHost;
  #isDecoding = false;
  readonly #waiting = new Fifo<Waiting>();
  #discarded = false;

  constructor(pipeline: MessagePipeline, maxPayload: number, host: IncomingHost) {
    this.#pipeline = pipeline;
    this.#maxPayload = maxPayload;
    this.#host = host;
  }

  /** Whether a message takes its time: then all but control frames is to go through `inOrder`. */
  get isDecoding(): boolean {
    return this.#isDecoding;
  }

  /** Whether something waits for that message: no more is to be read. */
  get isFull(): boolean {
    return !this.#waiting.isEmpty;
  }

  /** Takes a step behind the messages that came before it; at once where none waits. */
  inOrder(step: () => void): void {
    if (this.#isDecoding) this.#wait(step);
    else step();
  }

  /** Takes a message that no extension has changed. */
  take(data: Message): void {
    if (this.#isDecoding) this.#wait({ data });
    else this.#host.onDecoded(data);
  }

  /**
   * Takes an encoded message.
   *
   * @param payload is read before the method returns
   * @returns the rule that it breaks, where that shows at once
   */
  decode(opcode: MessageOpcode, rsv: number, payload: Buffer): Violation | null {
    if (this.#isDecoding) {
      this.#wait({ opcode, rsv, payload: Buffer.from(payload) });
      return null;
    }
    let result: Decoded | Promise<Decoded>;
    try {
      result = this.#pipeline.decode(payload, opcode, rsv);
    } catch (error) {
      // The connection fails here, where the cause is known, and the reading below.
      this.#host.onDecodingFailed(Violations.EXTENSION_FAILED, error);
      return Violations.EXTENSION_FAILED;
    }
    if (!("then" in result)) return this.#handOver(opcode, result, false);
    void this.#await(opcode, result);
    return null;
  }

  /** Gives up what is under way. */
  discard(): void {
    this.#discarded = true;
    this.#isDecoding = false;
    this.#waiting.clear();
  }

  #wait(waiting: Waiting): void {
    this.#waiting.put(waiting);
    this.#host.stopReading();
  }

  async #await(opcode: MessageOpcode, decoding: Promise<Decoded>): Promise<void> {
    this.#isDecoding = true;
    let violation: Violation | null;
    let cause: unknown;
    try {
      const decoded = await decoding;
      violation = this.#discarded ? null : this.#handOver(opcode, decoded, true);
    } catch (error) {
      violation = Violations.EXTENSION_FAILED;
      cause = error;
    }
    if (this.#discarded) return;
    this.#isDecoding = false;
    if (violation !== null) this.#fail(violation, cause);
    this.#goOn();
  }

  /** @param owned whether the memory is nobody else's */
  #handOver(opcode: MessageOpcode, decoded: Decoded, owned: boolean): Violation | null {
    if ("closeCode" in decoded) return decoded;
    if (decoded.length > this.#maxPayload) return Violations.MESSAGE_TOO_BIG;
    const bytes = owned || opcode === Opcode.Text ? asBuffer(decoded) : Buffer.from(decoded);
    const data = opcode === Opcode.Text ? decodeUtf8(bytes, 0, bytes.length) : bytes;
    // RFC 7692 section 6.1: after decompression the payload is subject to the rules of its type again.
    if (data === null) return Violations.TEXT_NOT_UTF8;
    this.#host.onDecoded(data);
    return null;
  }

  /** What is behind a message that is missing is not told, only how it all ends. */
  #fail(violation: Violation, cause?: unknown): void {
    this.#waiting.retain((waiting) => typeof waiting === "function");
    this.#host.onDecodingFailed(violation, cause);
  }

  #goOn(): void {
    while (!this.#isDecoding) {
      const next = this.#waiting.take();
      if (next === undefined) {
        this.#host.onDecodingDone();
        return;
      }
      this.#takeWaiting(next);
    }
  }

  #takeWaiting(waiting: Waiting): void {
    if (typeof waiting === "function") {
      waiting();
    } else if ("data" in waiting) {
      this.#host.onDecoded(waiting.data);
    } else {
      const violation = this.decode(waiting.opcode, waiting.rsv, waiting.payload);
      if (violation !== null) this.#fail(violation);
    }
  }
}
