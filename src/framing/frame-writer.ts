import { copyBytes } from "./copy-bytes.ts";
import { maskInPlace } from "./mask.ts";
import { LENGTH_16, LENGTH_64, MASK_BIT } from "./opcode.ts";

/** The header's size in bytes for a payload of `length` bytes, with 4 more for the key when masked. */
export function headerSize(length: number, masked: boolean): number {
  const size = length < LENGTH_16 ? 2 : length <= 0xffff ? 4 : 10;
  return masked ? size + 4 : size;
}

/**
 * Writes a frame's header without the masking key.
 *
 * @param first FIN, RSV1-3 and the opcode
 * @returns where the header (or its key) goes on
 */
function writeLength(target: Buffer, at: number, first: number, length: number, maskBit: number): number {
  target[at] = first;
  if (length < LENGTH_16) {
    target[at + 1] = maskBit | length;
    return at + 2;
  }
  if (length <= 0xffff) {
    target[at + 1] = maskBit | LENGTH_16;
    target[at + 2] = length >>> 8;
    target[at + 3] = length & 0xff;
    return at + 4;
  }
  target[at + 1] = maskBit | LENGTH_64;
  target.writeUInt32BE(Math.floor(length / 0x1_0000_0000), at + 2);
  target.writeUInt32BE(length >>> 0, at + 6);
  return at + 10;
}

/**
 * Writes a frame's header, with the masking key when there is one.
 *
 * @param key the masking key, or `null` for a frame that is not masked
 * @returns where the payload begins
 */
export function writeHeader(target: Buffer, at: number, first: number, length: number, key: number | null): number {
  if (key === null) return writeLength(target, at, first, length, 0);
  const keyAt = writeLength(target, at, first, length, MASK_BIT);
  target[keyAt] = key & 0xff;
  target[keyAt + 1] = (key >>> 8) & 0xff;
  target[keyAt + 2] = (key >>> 16) & 0xff;
  target[keyAt + 3] = key >>> 24;
  return keyAt + 4;
}

/**
 * Writes a whole frame and masks it when there is a key. The target needs room for the header and the payload.
 *
 * @returns where the frame ends
 */
export function writeFrame(target: Buffer, at: number, first: number, payload: Uint8Array, key: number | null): number {
  const length = payload.length;
  const start = writeHeader(target, at, first, length, key);
  copyBytes(payload, 0, length, target, start);
  const end = start + length;
  if (key !== null) maskInPlace(target, start, end, key);
  return end;
}

/** The room that `writeTextFrame` needs at most, in bytes: three of UTF-8 for each UTF-16 unit, and the header. */
export function textFrameRoom(text: string, masked: boolean): number {
  const longest = text.length * 3;
  return longest + headerSize(longest, masked);
}

/**
 * Writes a text as a whole frame and masks it when there is a key. How many bytes the text takes is only known
 * once it is written, so the header goes in afterwards, in the space that was left for it: the space is that of
 * an ASCII text, and only a text whose length in UTF-8 needs a longer header is moved.
 *
 * @returns where the frame ends
 */
export function writeTextFrame(target: Buffer, at: number, first: number, text: string, key: number | null): number {
  const masked = key !== null;
  const guess = at + headerSize(text.length, masked);
  const length = writeText(target, guess, text);
  const start = at + headerSize(length, masked);
  if (start !== guess) target.copyWithin(start, guess, guess + length);
  writeHeader(target, at, first, length, key);
  const end = start + length;
  if (key !== null) maskInPlace(target, start, end, key);
  return end;
}

/** Up to this many characters a loop writes ASCII faster than a call into native code. */
const LOOP_WRITES_TO = 24;

/** @returns how many bytes were written */
function writeText(target: Buffer, at: number, text: string): number {
  const length = text.length;
  if (length > LOOP_WRITES_TO) return target.write(text, at);
  for (let index = 0; index < length; index++) {
    const unit = text.charCodeAt(index);
    if (unit >= 0x80) return target.write(text, at);
    target[at + index] = unit;
  }
  return length;
}
