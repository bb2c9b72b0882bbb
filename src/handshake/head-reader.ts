/** Finds the end of an HTTP head in the bytes of a connection, and refuses bytes that no head may have. */
import { type Refusal, Refusals } from "../errors.ts";
import { type HeadLimits, headLimit } from "./head-limits.ts";

export type { HeadLimits } from "./head-limits.ts";

/** What the reader knows after a chunk: null while more bytes are needed. */
export type HeadReading =
  | null
  | {
      /** The start line and the field lines, parted by CRLF, without the empty line; a char a byte (latin1). */
      readonly head: string;
      /** A view of what follows the head in the last chunk; may be empty. */
      readonly rest: Buffer;
    }
  | Refusal;

const CR = 0x0d;
const LF = 0x0a;

/** Where the last byte left the reader. The names tell what has been read. */
const NOTHING = 0;
const LEADING_CR = 1;
const LINE_END = 2;
const PART_OF_LINE = 3;
const LINE_CR = 4;
const LAST_CR = 5;

const MORE = -1;
const BAD_BYTE = -2;

const NO_BYTES = Buffer.alloc(0);
const FIRST_CAPACITY = 256;

/** HTAB, SP, VCHAR and obs-text: what may stand inside a line (RFC 9110 section 5.5). */
function isLineByte(byte: number): boolean {
  return (byte >= 0x20 && byte !== 0x7f) || byte === 0x09;
}

/** The state after a byte that is not a line feed; BAD_BYTE where a line feed had to come. */
function afterByte(state: number, byte: number): number {
  if (state === LEADING_CR || state === LINE_CR || state === LAST_CR) return BAD_BYTE;
  if (byte !== CR) return isLineByte(byte) ? PART_OF_LINE : BAD_BYTE;
  if (state === NOTHING) return LEADING_CR;
  return state === PART_OF_LINE ? LINE_CR : LAST_CR;
}

/**
 * Reads one head, in chunks of any size. Each byte is looked at once, and a head that lies whole in one
 * chunk is not copied besides its string; otherwise the bytes that came are kept, and no chunk is.
 *
 * Lines end by CRLF only: RFC 9112 section 2.2 lets a recipient take a single LF, but readers of one stream
 * that differ in this are how requests are smuggled. One CRLF before the start line is skipped (section 2.2).
 *
 * After a head the reader begins anew, so that a client can read what follows an interim response; after a
 * refusal it gives that refusal for ever.
 */
export class HeadReader {
  readonly #maxBytes: number;
  #state = NOTHING;
  #kept = NO_BYTES;
  #length = 0;
  #refusal: Refusal | null = null;

  /** @throws RangeError when a limit is not a positive integer. */
  constructor(limits: Partial<HeadLimits> = {}) {
    this.#maxBytes = headLimit(limits, "maxHeadBytes");
  }

  /** Takes the next bytes. HEAD_BAD_BYTE and HEAD_TOO_LARGE come as soon as they are known. */
  push(chunk: Buffer): HeadReading {
    if (this.#refusal !== null) return this.#refusal;
    const room = this.#maxBytes - this.#length;
    const end = this.#scan(chunk, Math.min(chunk.length, room));
    if (end === BAD_BYTE) return this.#refuse(Refusals.HEAD_BAD_BYTE);
    if (end !== MORE) return this.#finish(chunk, end);
    if (chunk.length > room) return this.#refuse(Refusals.HEAD_TOO_LARGE);
    this.#keep(chunk, chunk.length);
    return null;
  }

  /** Where the head ends in the chunk, MORE or BAD_BYTE. */
  #scan(chunk: Buffer, limit: number): number {
    let state = this.#state;
    for (let at = 0; at < limit; at++) {
      const byte = chunk[at] as number;
      if (state === PART_OF_LINE && isLineByte(byte)) continue;
      if (byte !== LF) state = afterByte(state, byte);
      else if (state === LAST_CR) return at + 1;
      else state = state === LINE_CR || state === LEADING_CR ? LINE_END : BAD_BYTE;
      if (state === BAD_BYTE) return BAD_BYTE;
    }
    this.#state = state;
    return MORE;
  }

  #keep(chunk: Buffer, length: number): void {
    const needed = this.#length + length;
    if (needed > this.#kept.length) {
      const capacity = Math.max(needed, 2 * this.#kept.length, FIRST_CAPACITY);
      const grown = Buffer.allocUnsafeSlow(Math.min(capacity, this.#maxBytes));
      this.#kept.copy(grown, 0, 0, this.#length);
      this.#kept = grown;
    }
    chunk.copy(this.#kept, this.#length, 0, length);
    this.#length = needed;
  }

  #finish(chunk: Buffer, end: number): HeadReading {
    const rest = chunk.subarray(end);
    const head = this.#length === 0 ? headText(chunk, end) : this.#joined(chunk, end);
    this.#begin();
    return { head, rest };
  }

  #joined(chunk: Buffer, end: number): string {
    this.#keep(chunk, end);
    return headText(this.#kept, this.#length);
  }

  #refuse(refusal: Refusal): Refusal {
    this.#begin();
    this.#refusal = refusal;
    return refusal;
  }

  #begin(): void {
    this.#state = NOTHING;
    this.#kept = NO_BYTES;
    this.#length = 0;
  }
}

/** The text between the CRLF that may lead and the two that end the head. */
function headText(bytes: Buffer, end: number): string {
  const start = bytes[0] === CR ? 2 : 0;
  return bytes.toString("latin1", start, Math.max(start, end - 4));
}
