/** Finds the end of an HTTP head in the bytes of a connection, and invalid bytes in the head. */
import type { HeadFault } from "./head-fault.ts";
import { type HeadLimits, headLimit } from "./head-limits.ts";

/** A complete head. */
export interface HeadFound {
  /** The start line and the field lines, separated by CRLF, without the empty line, one character per byte (latin1). */
  readonly text: string;
  /** A view of the bytes that follow the head in the last chunk; may be empty. */
  readonly rest: Buffer;
}

const CR = 0x0d;
const LF = 0x0a;

/** The states of the scanner. Their names say what the last byte completed. */
const NOTHING = 0;
const LEADING_CR = 1;
const LINE_END = 2;
const PART_OF_LINE = 3;
const LINE_CR = 4;
const LAST_CR = 5;
const WHOLE_HEAD = 6;
const BAD_BYTE = 7;

const NO_BYTES = Buffer.alloc(0);
const FIRST_CAPACITY = 256;
/** A fault quotes at most this many characters of a line. */
const SHOWN_CHARS = 60;

/** HTAB, SP, VCHAR and obs-text, which a line may contain (RFC 9110 section 5.5). */
function isLineByte(byte: number): boolean {
  return (byte >= 0x20 && byte !== 0x7f) || byte === 0x09;
}

/** The state after a byte other than LF; BAD_BYTE if only LF could follow. */
function afterByte(state: number, byte: number): number {
  if (state === LEADING_CR || state === LINE_CR || state === LAST_CR) return BAD_BYTE;
  if (byte !== CR) return isLineByte(byte) ? PART_OF_LINE : BAD_BYTE;
  if (state === NOTHING) return LEADING_CR;
  return state === PART_OF_LINE ? LINE_CR : LAST_CR;
}

/**
 * Reads heads, in chunks of any size. It looks at each byte once. A head that arrives in one chunk is only copied into
 * its string; otherwise its bytes are copied as they arrive, and no chunk is kept.
 *
 * Lines end with CRLF only. RFC 9112 section 2.2 permits a single LF, but recipients of one stream that differ in this
 * allow requests to be smuggled. One CRLF before the start line is skipped (section 2.2).
 *
 * After a head the scanner starts again, so that a client can read what follows an interim response. After a fault it
 * always returns that fault.
 */
export class HeadScanner {
  readonly #maxBytes: number;
  #state = NOTHING;
  #kept = NO_BYTES;
  #length = 0;
  #fault: HeadFault | null = null;

  /** @throws RangeError or TypeError unless `maxHeadBytes` is a whole number of at least 1 */
  constructor(limits: Partial<HeadLimits>) {
    this.#maxBytes = headLimit(limits, "maxHeadBytes");
  }

  /** Takes the next bytes. A fault is returned as soon as it is found. @returns null if more bytes are needed */
  push(chunk: Buffer): HeadFound | HeadFault | null {
    if (this.#fault !== null) return this.#fault;
    const room = this.#maxBytes - this.#length;
    const read = this.#scan(chunk, Math.min(chunk.length, room));
    if (this.#state === BAD_BYTE) return this.#fail(badByte(this.#joined(chunk, read)));
    if (this.#state === WHOLE_HEAD) return this.#finish(chunk, read);
    if (chunk.length > room) return this.#fail(tooLong(this.#joined(chunk, room)));
    this.#keep(chunk, chunk.length);
    return null;
  }

  /** @returns how many bytes it has read, including the last byte of the head or the bad byte */
  #scan(chunk: Buffer, limit: number): number {
    let state = this.#state;
    let at = 0;
    while (at < limit && state < WHOLE_HEAD) {
      const byte = chunk[at++] as number;
      if (state === PART_OF_LINE && isLineByte(byte)) continue;
      if (byte !== LF) state = afterByte(state, byte);
      else if (state === LAST_CR) state = WHOLE_HEAD;
      else state = state === LINE_CR || state === LEADING_CR ? LINE_END : BAD_BYTE;
    }
    this.#state = state;
    return at;
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

  #finish(chunk: Buffer, end: number): HeadFound {
    const rest = chunk.subarray(end);
    const text = withoutEmptyLines(this.#joined(chunk, end));
    this.#begin();
    return { text, rest };
  }

  /** All bytes of the head so far, including the first `end` bytes of the chunk. */
  #joined(chunk: Buffer, end: number): string {
    if (this.#length === 0) return chunk.toString("latin1", 0, end);
    this.#keep(chunk, end);
    return this.#kept.toString("latin1", 0, this.#length);
  }

  #fail(fault: HeadFault): HeadFault {
    this.#begin();
    this.#fault = fault;
    return fault;
  }

  #begin(): void {
    this.#state = NOTHING;
    this.#kept = NO_BYTES;
    this.#length = 0;
  }
}

function withoutLeadingEmptyLine(text: string): string {
  return text.startsWith("\r\n") ? text.slice(2) : text;
}

/** The text of a whole head without the CRLF that may precede it and the two that end it. */
function withoutEmptyLines(text: string): string {
  const start = text.startsWith("\r") ? 2 : 0;
  return text.slice(start, Math.max(start, text.length - 4));
}

/** @param text all bytes that the limit admits */
function tooLong(text: string): HeadFault {
  const hasStartLine = withoutLeadingEmptyLine(text).includes("\r\n");
  return { rule: hasStartLine ? "headSize" : "startLineSize", text: "" };
}

/** @param text the head, up to and including its first bad byte */
function badByte(text: string): HeadFault {
  const head = withoutLeadingEmptyLine(text);
  const lineEnd = head.lastIndexOf("\r\n");
  const line = lineEnd < 0 ? head : head.slice(lineEnd + 2);
  const shown = line.slice(-SHOWN_CHARS);
  if (text.endsWith("\n") || text.at(-2) === "\r") return { rule: "lineEnd", text: shown };
  if (lineEnd < 0) return { rule: "startLineByte", text: shown };
  // A folded line continues a value.
  const isValue = line.includes(":") || line.startsWith(" ") || line.startsWith("\t");
  return { rule: isValue ? "fieldValueByte" : "fieldNameByte", text: shown };
}
