import { isAscii, isUtf8 } from "node:buffer";
import { rangeOf } from "./range-of.ts";

/**
 * UTF-8 as a stream (RFC 3629, RFC 6455 section 8.1): a state is a number, so that it costs nothing to keep.
 * Inside a character it holds what may come next: the count of bytes still due and the bounds of the first.
 */
export const UTF8_ACCEPT = 0;
export const UTF8_REJECT = -1;

/** Entering native code costs more than this many turns of a plain loop. */
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

/** Where the last character of the range begins, if it may not be whole; otherwise `end`. */
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
 * Goes on with `state` over the bytes from `start` to `end`.
 *
 * @returns UTF8_ACCEPT between characters, UTF8_REJECT as soon as a byte cannot belong to any valid text, and
 *   another state inside a character
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

/** The text of the bytes from `start` to `end`, or `null` where they are not valid UTF-8. */
export function decodeUtf8(bytes: Buffer, start: number, end: number): string | null {
  if (end - start <= SHORT_TEXT && isShortAscii(bytes, start, end)) return bytes.toString("latin1", start, end);
  const range = rangeOf(bytes, start, end);
  // For ASCII the two are the same, and node decodes long latin1 in a quarter of the time.
  if (isAscii(range)) return bytes.toString("latin1", start, end);
  return isUtf8(range) ? bytes.toString("utf8", start, end) : null;
}

/** The text of bytes that are valid UTF-8. */
export function decodeValidUtf8(bytes: Buffer): string {
  return bytes.toString(isAscii(bytes) ? "latin1" : "utf8");
}

const encoder = new TextEncoder();

/** A long text as UTF-8, in memory of its own. One of mostly ASCII is not measured before, which costs more than to write it. */
export function encodeUtf8(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(text.length + (text.length >>> 3));
  const { read, written } = encoder.encodeInto(text, bytes);
  return read === text.length ? bytes.subarray(0, written) : Buffer.from(text, "utf8");
}
