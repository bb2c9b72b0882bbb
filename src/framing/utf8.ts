import { isAscii, isUtf8 } from "node:buffer";
import { rangeOf } from "./byte-views.ts";

/*
 * UTF-8 as a stream (RFC 3629, RFC 6455 section 8.1). A state is a number, so that it needs no object. Inside a
 * character it holds the number of bytes that must follow, and the bounds of the next one.
 */

/**
 * The state of `validateUtf8` between two characters: the bytes so far are valid UTF-8 (RFC 6455 section 8.1).
 *
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { UTF8_ACCEPT, validateUtf8 } from "tautline/framing";
 *
 * assert.equal(validateUtf8(UTF8_ACCEPT, Buffer.from("é"), 0, 2), UTF8_ACCEPT);
 * ```
 */
export const UTF8_ACCEPT = 0;
/**
 * The state of `validateUtf8` after a byte that no valid text has at its place (RFC 6455 section 8.1).
 *
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { UTF8_ACCEPT, UTF8_REJECT, validateUtf8 } from "tautline/framing";
 *
 * assert.equal(validateUtf8(UTF8_ACCEPT, Buffer.from([0xff]), 0, 1), UTF8_REJECT);
 * ```
 */
export const UTF8_REJECT = -1;

/** Up to this many bytes, a loop is faster than a call into native code. */
const NATIVE_PAYS_FROM = 48;
const SHORT_TEXT = 48;

function due(count: number, lowest: number, highest: number): number {
  return count | (lowest << 8) | (highest << 16);
}

const DUE_1 = due(1, 0x80, 0xbf);
const DUE_2 = due(2, 0x80, 0xbf);
const DUE_3 = due(3, 0x80, 0xbf);
const DUE_2_NOT_OVERLONG = due(2, 0xa0, 0xbf);
const DUE_2_NOT_SURROGATE = due(2, 0x80, 0x9f);
const DUE_3_NOT_OVERLONG = due(3, 0x90, 0xbf);
const DUE_3_NOT_PAST_10FFFF = due(3, 0x80, 0x8f);

function afterLead(byte: number): number {
  if (byte < 0x80) return UTF8_ACCEPT;
  if (byte < 0xc2) return UTF8_REJECT;
  if (byte < 0xe0) return DUE_1;
  if (byte === 0xe0) return DUE_2_NOT_OVERLONG;
  if (byte === 0xed) return DUE_2_NOT_SURROGATE;
  if (byte < 0xf0) return DUE_2;
  if (byte === 0xf0) return DUE_3_NOT_OVERLONG;
  if (byte < 0xf4) return DUE_3;
  if (byte === 0xf4) return DUE_3_NOT_PAST_10FFFF;
  return UTF8_REJECT;
}

function afterContinuation(state: number, byte: number): number {
  if (byte < ((state >>> 8) & 0xff) || byte > state >>> 16) return UTF8_REJECT;
  const count = state & 0xff;
  if (count === 1) return UTF8_ACCEPT;
  return count === 2 ? DUE_1 : DUE_2;
}

function walk(state: number, bytes: Uint8Array, start: number, end: number): number {
  let now = state;
  for (let at = start; at < end && now !== UTF8_REJECT; at++) {
    const byte = bytes[at] as number;
    now = now === UTF8_ACCEPT ? afterLead(byte) : afterContinuation(now, byte);
  }
  return now;
}

/** The offset of the last character of the range if it may be incomplete, otherwise `end`. */
function lastBoundary(bytes: Uint8Array, start: number, end: number): number {
  const furthest = Math.max(start, end - 3);
  for (let at = end - 1; at >= furthest; at--) {
    const byte = bytes[at] as number;
    if (byte < 0x80) return end;
    if (byte >= 0xc0) return at;
  }
  return end;
}

/**
 * Validates the bytes from `start` to `end` as the next part of a text in UTF-8 (RFC 6455 section 8.1).
 *
 * @param state the state after the part before, `UTF8_ACCEPT` for the first one
 * @returns `UTF8_ACCEPT` after a whole character, `UTF8_REJECT` after the first byte that cannot belong to a valid
 *   text, another number inside a character
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { UTF8_ACCEPT, UTF8_REJECT, validateUtf8 } from "tautline/framing";
 *
 * const euro = Buffer.from("€");
 * const inside = validateUtf8(UTF8_ACCEPT, euro, 0, 1);
 * assert.equal(validateUtf8(inside, euro, 1, 3), UTF8_ACCEPT);
 * assert.equal(validateUtf8(inside, euro, 0, 1), UTF8_REJECT);
 * ```
 */
export function validateUtf8(state: number, bytes: Uint8Array, start: number, end: number): number {
  if (end - start < NATIVE_PAYS_FROM) return walk(state, bytes, start, end);
  let now = state;
  let at = start;
  while (now > UTF8_ACCEPT) {
    now = walk(now, bytes, at, at + 1);
    at++;
  }
  if (now === UTF8_REJECT) return UTF8_REJECT;
  const boundary = lastBoundary(bytes, at, end);
  if (!isUtf8(rangeOf(bytes, at, boundary))) return UTF8_REJECT;
  return walk(UTF8_ACCEPT, bytes, boundary, end);
}

function isShortAscii(bytes: Uint8Array, start: number, end: number): boolean {
  let any = 0;
  for (let at = start; at < end; at++) any |= bytes[at] as number;
  return any < 0x80;
}

/**
 * Decodes the bytes from `start` to `end` as UTF-8 (RFC 6455 section 8.1). A byte order mark is kept.
 *
 * @returns the text; `null` if the bytes are not valid UTF-8
 * @throws Error from node:buffer if the text is longer than the longest string, `buffer.constants.MAX_STRING_LENGTH`
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { decodeUtf8 } from "tautline/framing";
 *
 * assert.equal(decodeUtf8(Buffer.from("5 €"), 0, 5), "5 €");
 * assert.equal(decodeUtf8(Buffer.from([0xff]), 0, 1), null);
 * ```
 */
export function decodeUtf8(bytes: Buffer, start: number, end: number): string | null {
  if (end - start <= SHORT_TEXT && isShortAscii(bytes, start, end)) return bytes.toString("latin1", start, end);
  const range = rangeOf(bytes, start, end);
  // ASCII is the same in both encodings, and node decodes long latin1 four times as fast.
  if (isAscii(range)) return bytes.toString("latin1", start, end);
  return isUtf8(range) ? bytes.toString("utf8", start, end) : null;
}

/** Decodes bytes that are known to be valid UTF-8. */
export function decodeValidUtf8(bytes: Buffer): string {
  return bytes.toString(isAscii(bytes) ? "latin1" : "utf8");
}

const encoder = new TextEncoder();

/**
 * Encodes a long text as UTF-8, in its own memory. Mostly ASCII text is not measured first: that takes longer than
 * encoding.
 */
export function encodeUtf8(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(text.length + (text.length >>> 3));
  const { read, written } = encoder.encodeInto(text, bytes);
  return read === text.length ? bytes.subarray(0, written) : Buffer.from(text, "utf8");
}
