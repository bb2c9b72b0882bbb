import type { FrameListener } from "./frame-parser.ts";
import { isTooManyEmpty, longestEncoded } from "./message-assembler.ts";
import { type ControlOpcode, type MessageOpcode, Opcode } from "./opcode.ts";
import { type Violation, Violations } from "./violations.ts";

/** Receives messages in pieces, before they have ended. */
export interface PieceListener {
  /** @param rsv the reserved bits of the first frame, as they stand in the header's first byte */
  onMessageBegin(opcode: MessageOpcode, rsv: number): void;
  /** Further bytes of the message, at least one. They are to be read before the method returns. */
  onPiece(chunk: Buffer, start: number, end: number): Violation | null;
  onMessageEnd(): Violation | null;
  /** A whole control frame; it may lie between two pieces of a message. */
  onControlFrame(opcode: ControlOpcode, chunk: Buffer, start: number, end: number): Violation | null;
}

/**
 * Hands on the payload of messages as it comes, without keeping any of it (RFC 6455 section 5.4): what
 * `MessageAssembler` is for whole messages. Whether text is valid UTF-8 is the listener's to check, since the payload may
 * be encoded by an extension.
 */
export class PieceAssembler implements FrameListener {
  readonly #listener: PieceListener;
  readonly #maxPayload: number;
  readonly #decodesAll: boolean;
  /** The longest that the message may be, in bytes. */
  #limit = 0;
  #declared = 0;
  #received = 0;
  #emptyFragments = 0;

  /**
   * @param maxPayload the longest message in bytes; `Infinity` for no limit
   * @param decodesAll whether an extension without a reserved bit changes the length of every message
   */
  constructor(listener: PieceListener, maxPayload: number, decodesAll = false) {
    this.#listener = listener;
    this.#maxPayload = maxPayload;
    this.#decodesAll = decodesAll;
  }

  onDataFrame(opcode: number, rsv: number, length: number, final: boolean): Violation | null {
    if (opcode !== Opcode.Continuation) this.#begin(opcode as MessageOpcode, rsv);
    this.#declared += length;
    // 10.4: judged by what the headers announce, so that no byte past the limit is ever waited for.
    if (this.#declared > this.#limit) return Violations.MESSAGE_TOO_BIG;
    if (length === 0 && !final && isTooManyEmpty(++this.#emptyFragments, this.#received)) {
      return Violations.EMPTY_FRAGMENTS;
    }
    return null;
  }

  onPayload(chunk: Buffer, start: number, end: number): Violation | null {
    this.#received += end - start;
    return this.#listener.onPiece(chunk, start, end);
  }

  onMessageEnd(): Violation | null {
    return this.#listener.onMessageEnd();
  }

  onControlFrame(opcode: ControlOpcode, chunk: Buffer, start: number, end: number): Violation | null {
    return this.#listener.onControlFrame(opcode, chunk, start, end);
  }

  onChunkEnd(): void {}

  #begin(opcode: MessageOpcode, rsv: number): void {
    const isEncoded = rsv !== 0 || this.#decodesAll;
    this.#limit = isEncoded ? longestEncoded(this.#maxPayload) : this.#maxPayload;
    this.#declared = 0;
    this.#received = 0;
    this.#emptyFragments = 0;
    this.#listener.onMessageBegin(opcode, rsv);
  }
}
