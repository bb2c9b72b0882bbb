import { constants } from "node:buffer";
import { type Violation, Violations } from "../errors.ts";
import { BytePieces, detach } from "./byte-pieces.ts";
import type { FrameListener } from "./frame-parser.ts";
import { type ControlOpcode, Opcode } from "./opcode.ts";
import { decodeUtf8, UTF8_ACCEPT, UTF8_REJECT, validateUtf8 } from "./utf8.ts";

/** What an assembler makes of the frames. */
export interface MessageListener {
  /** A whole message: a string for text, a Buffer for binary, which is the listener's to keep. */
  onMessage(data: string | Buffer): void;
  /**
   * A whole control frame; it may lie between the fragments of a message. The range is to be read before the method
   * returns: the next fragment is moved up over it.
   */
  onControlFrame(opcode: ControlOpcode, chunk: Buffer, start: number, end: number): Violation | null;
}

/** Empty fragments that a message may have beside one for each byte of payload: they cost work and carry nothing. */
const EMPTY_FRAGMENTS_ALLOWED = 1024;

/** What a string and a Buffer can hold here: a longer message cannot be handed on, whatever `maxPayload` says. */
const LONGEST_TEXT = constants.MAX_STRING_LENGTH;
const LONGEST_BINARY = constants.MAX_LENGTH;

const NOWHERE = Buffer.alloc(0);

/**
 * Joins the frames of a message (RFC 6455 section 5.4). While a message lies in one chunk it is one range of it:
 * fragments are moved up to each other over the headers between them. Only a message that spans chunks is copied.
 */
export class MessageAssembler implements FrameListener {
  /** Whoever gets the messages; not to be changed while a message is open. */
  listener: MessageListener;
  readonly #maxPayload: number;

  #opcode = 0;
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
  #earlier: BytePieces | null = null;

  /** @param maxPayload the longest message that is accepted, in bytes */
  constructor(listener: MessageListener, maxPayload: number) {
    this.listener = listener;
    this.#maxPayload = maxPayload;
  }

  onDataFrame(opcode: number, _rsv: number, length: number, final: boolean): Violation | null {
    if (opcode !== Opcode.Continuation) this.#beginMessage(opcode);
    this.#final = final;
    this.#declared += length;
    // 10.4: implementations "MUST protect themselves against exceeding those limits": judged by what the headers
    // announce, so that no byte past the limit is ever waited for.
    if (this.#declared > this.#limit) return Violations.MESSAGE_TOO_BIG;
    if (length === 0 && !final && ++this.#emptyFragments > EMPTY_FRAGMENTS_ALLOWED + this.#received) {
      return Violations.EMPTY_FRAGMENTS;
    }
    return null;
  }

  onPayload(chunk: Buffer, start: number, end: number): Violation | null {
    const whole = this.#final && end - start === this.#declared;
    this.#received += end - start;
    // A text that is here as a whole is checked once, when it is decoded.
    if (this.#opcode === Opcode.Text && !whole) {
      this.#utf8 = validateUtf8(this.#utf8, chunk, start, end);
      if (this.#utf8 === UTF8_REJECT) return Violations.TEXT_NOT_UTF8;
    }
    this.#extendRange(chunk, start, end);
    return null;
  }

  onMessageEnd(): Violation | null {
    if (this.#utf8 !== UTF8_ACCEPT) return Violations.TEXT_NOT_UTF8;
    const data = this.#opcode === Opcode.Text ? this.#takeText() : this.#takeBinary();
    this.#forgetRange();
    this.#earlier = null;
    if (data === null) return Violations.TEXT_NOT_UTF8;
    this.listener.onMessage(data);
    return null;
  }

  onControlFrame(opcode: ControlOpcode, chunk: Buffer, start: number, end: number): Violation | null {
    return this.listener.onControlFrame(opcode, chunk, start, end);
  }

  onChunkEnd(): void {
    if (this.#end > this.#start) {
      this.#earlier ??= new BytePieces();
      this.#earlier.add(this.#chunk, this.#start, this.#end);
    }
    this.#forgetRange();
  }

  #beginMessage(opcode: number): void {
    this.#opcode = opcode;
    this.#limit = Math.min(this.#maxPayload, opcode === Opcode.Text ? LONGEST_TEXT : LONGEST_BINARY);
    this.#declared = 0;
    this.#received = 0;
    this.#emptyFragments = 0;
    this.#utf8 = UTF8_ACCEPT;
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

  #takeText(): string | null {
    if (this.#earlier === null) return decodeUtf8(this.#chunk, this.#start, this.#end);
    // It was checked as it came.
    return this.#earlier.joinWith(this.#chunk, this.#start, this.#end).toString("utf8");
  }

  #takeBinary(): Buffer {
    if (this.#earlier === null) return detach(this.#chunk, this.#start, this.#end);
    return this.#earlier.joinWith(this.#chunk, this.#start, this.#end);
  }

  #forgetRange(): void {
    this.#chunk = NOWHERE;
    this.#start = 0;
    this.#end = 0;
  }
}
