import { constants } from "node:buffer";
import type { FrameListener } from "./frame-parser.ts";
import { GrowingBuffer } from "./growing-buffer.ts";
import { type MessageForm, STRING_OR_BUFFER } from "./message-form.ts";
import { type ControlOpcode, type MessageOpcode, Opcode } from "./opcode.ts";
import { checkAssemblerParts } from "./reader-arguments.ts";
import { UTF8_ACCEPT, UTF8_REJECT, validateUtf8 } from "./utf8.ts";
import { type Violation, Violations } from "./violations.ts";

/** Receives the messages of an assembler. */
export interface MessageListener<Message = string | Buffer> {
  /** A whole message. It is the listener's to keep. */
  onMessage(message: Message, opcode: MessageOpcode): void;
  /**
   * A whole message that an extension is to decode first. Text was not checked to be UTF-8.
   *
   * @param rsv the reserved bits of the first frame, as they stand in the header's first byte
   * @param payload to be read before the method returns
   */
  onEncodedMessage(opcode: MessageOpcode, rsv: number, payload: Buffer): Violation | null;
  /**
   * A whole control frame; it may lie between the fragments of a message. The range is to be read before the method
   * returns: the next fragment is moved up over it.
   */
  onControlFrame(opcode: ControlOpcode, chunk: Buffer, start: number, end: number): Violation | null;
}

/** Empty fragments that a message may have beside one for each byte of payload: they cost work and carry nothing. */
const EMPTY_FRAGMENTS_ALLOWED = 1024;

/** Whether a message has so many empty fragments. @param received the bytes of its payload so far */
export function isTooManyEmpty(fragments: number, received: number): boolean {
  return fragments > EMPTY_FRAGMENTS_ALLOWED + received;
}

/** What a string and a Buffer can hold here: a longer message cannot be handed on, whatever `maxPayload` says. */
const LONGEST_TEXT = constants.MAX_STRING_LENGTH;
const LONGEST_BINARY = constants.MAX_LENGTH;

/** How much longer than `maxPayload` an encoded message may be: compression of what is random makes it longer. */
export function longestEncoded(maxPayload: number): number {
  return maxPayload + Math.ceil(maxPayload / 8) + 16_384;
}

const NOWHERE = Buffer.alloc(0);

/**
 * Joins the frames of a message (RFC 6455 section 5.4). While a message lies in one chunk it is one range of it:
 * fragments are moved up to each other over the headers between them. Only a message that spans chunks is copied.
 *
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { FrameParser, MessageAssembler } from "tautline/framing";
 *
 * const messages = [""];
 * const assembler = new MessageAssembler(
 *   {
 *     onMessage: (message) => void messages.push(String(message)),
 *     onEncodedMessage: () => null,
 *     onControlFrame: () => null,
 *   },
 *   1 << 20,
 * );
 * const parser = new FrameParser("client", assembler);
 * parser.push(Buffer.from("\x01\x03Hel\x80\x02lo", "latin1"));
 * assert.equal(messages.at(-1), "Hello");
 * ```
 */
export class MessageAssembler<Message = string | Buffer> implements FrameListener {
  /** Whoever gets the messages; not to be changed while a message is open. */
  listener: MessageListener<Message>;
  /** Whether an extension without a reserved bit is to decode every message; not to be changed while one is open. */
  decodesAll = false;
  readonly #maxPayload: number;
  readonly #form: MessageForm<Message>;

  #opcode: MessageOpcode = Opcode.Binary;
  #rsv = 0;
  #encoded = false;
  /** The longest that the message may be, in bytes. */
  #limit = 0;
  #final = false;
  /** What the headers so far have announced, and what has arrived, in bytes. */
  #declared = 0;
  #received = 0;
  #emptyFragments = 0;
  #utf8 = UTF8_ACCEPT;

  /** The range of the chunk at hand that belongs to the message. */
  #chunk: Buffer = NOWHERE;
  #start = 0;
  #end = 0;
  /** What came in earlier chunks. */
  #earlier: GrowingBuffer | null = null;

  /**
   * @param maxPayload the longest message that is accepted, in bytes, from 1
   * @param form what the messages are made of: by default a string for text, a Buffer for binary
   * @throws TypeError or RangeError for another limit, or a listener that lacks a method
   */
  constructor(
    listener: MessageListener<Message>,
    maxPayload: number,
    form: MessageForm<Message> = STRING_OR_BUFFER as MessageForm<never>,
  ) {
    checkAssemblerParts(listener, maxPayload);
    this.listener = listener;
    this.#maxPayload = maxPayload;
    this.#form = form;
  }

  onDataFrame(opcode: number, rsv: number, length: number, final: boolean): Violation | null {
    if (opcode !== Opcode.Continuation) this.#beginMessage(opcode as MessageOpcode, rsv);
    this.#final = final;
    this.#declared += length;
    // 10.4: implementations "MUST protect themselves against exceeding those limits": judged by what the headers
    // announce, so that no byte past the limit is ever waited for.
    if (this.#declared > this.#limit) return Violations.MESSAGE_TOO_BIG;
    if (length === 0 && !final && isTooManyEmpty(++this.#emptyFragments, this.#received)) {
      return Violations.EMPTY_FRAGMENTS;
    }
    return null;
  }

  onWholeMessage(opcode: MessageOpcode, chunk: Buffer, start: number, end: number): Violation | null {
    if (this.decodesAll) return this.listener.onEncodedMessage(opcode, 0, chunk.subarray(start, end));
    if (end - start > this.#maxPayload) return Violations.MESSAGE_TOO_BIG;
    const form = this.#form;
    const message = opcode === Opcode.Text ? form.text(chunk, start, end) : form.binary(chunk, start, end);
    if (message === null) return Violations.TEXT_NOT_UTF8;
    this.listener.onMessage(message, opcode);
    return null;
  }

  onPayload(chunk: Buffer, start: number, end: number): Violation | null {
    const whole = this.#final && end - start === this.#declared;
    this.#received += end - start;
    // A text that is here as a whole is checked once, when it is decoded.
    if (this.#opcode === Opcode.Text && !whole && !this.#encoded) {
      this.#utf8 = validateUtf8(this.#utf8, chunk, start, end);
      if (this.#utf8 === UTF8_REJECT) return Violations.TEXT_NOT_UTF8;
    }
    this.#extendRange(chunk, start, end);
    return null;
  }

  onMessageEnd(): Violation | null {
    if (this.#encoded) return this.#handOverEncoded();
    if (this.#utf8 !== UTF8_ACCEPT) return Violations.TEXT_NOT_UTF8;
    const message = this.#opcode === Opcode.Text ? this.#takeText() : this.#takeBinary();
    this.#forgetMessage();
    if (message === null) return Violations.TEXT_NOT_UTF8;
    this.listener.onMessage(message, this.#opcode);
    return null;
  }

  onControlFrame(opcode: ControlOpcode, chunk: Buffer, start: number, end: number): Violation | null {
    return this.listener.onControlFrame(opcode, chunk, start, end);
  }

  onChunkEnd(): void {
    if (this.#end > this.#start) {
      this.#earlier ??= new GrowingBuffer();
      this.#earlier.add(this.#chunk, this.#start, this.#end, this.#declared);
    }
    this.#forgetRange();
  }

  #beginMessage(opcode: MessageOpcode, rsv: number): void {
    this.#opcode = opcode;
    this.#rsv = rsv;
    // RFC 7692 section 6.2: the first frame's bit says whether the whole message is compressed.
    this.#encoded = rsv !== 0 || this.decodesAll;
    this.#limit = this.#limitOf(opcode);
    this.#declared = 0;
    this.#received = 0;
    this.#emptyFragments = 0;
    this.#utf8 = UTF8_ACCEPT;
  }

  #limitOf(opcode: MessageOpcode): number {
    if (this.#encoded) return Math.min(longestEncoded(this.#maxPayload), LONGEST_BINARY);
    return Math.min(this.#maxPayload, opcode === Opcode.Text ? LONGEST_TEXT : LONGEST_BINARY);
  }

  #handOverEncoded(): Violation | null {
    const earlier = this.#earlier;
    const payload = earlier === null ? this.#chunk.subarray(this.#start, this.#end) : this.#joined(earlier);
    this.#forgetMessage();
    return this.listener.onEncodedMessage(this.#opcode, this.#rsv, payload);
  }

  #extendRange(chunk: Buffer, start: number, end: number): void {
    if (this.#end === this.#start) {
      this.#chunk = chunk;
      this.#start = start;
      this.#end = end;
      return;
    }
    if (start !== this.#end) chunk.copyWithin(this.#end, start, end);
    this.#end += end - start;
  }

  #takeText(): Message | null {
    const earlier = this.#earlier;
    if (earlier === null) return this.#form.text(this.#chunk, this.#start, this.#end);
    // It was checked as it came.
    return this.#form.validText(this.#joined(earlier));
  }

  #takeBinary(): Message {
    const earlier = this.#earlier;
    if (earlier === null) return this.#form.binary(this.#chunk, this.#start, this.#end);
    return this.#form.ownedBinary(this.#joined(earlier));
  }

  #joined(earlier: GrowingBuffer): Buffer {
    earlier.add(this.#chunk, this.#start, this.#end, this.#declared);
    return earlier.take();
  }

  #forgetMessage(): void {
    this.#earlier = null;
    this.#forgetRange();
  }

  #forgetRange(): void {
    this.#chunk = NOWHERE;
    this.#start = 0;
    this.#end = 0;
  }
}
