import { copyBytes } from "./copy-bytes.ts";
import { maskInPlace } from "./mask.ts";
import { LENGTH_16, LENGTH_64, MASK_BIT } from "./opcode.ts";

/**
 * The size of a frame's header in bytes: 2, 4 or 10, and 4 more if the frame is masked (RFC 6455 section 5.2).
 *
 * @param length the length of the payload in bytes, 0 to 2^53 - 1
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { headerSize } from "tautline/framing";
 *
 * assert.equal(headerSize(125, false), 2);
 * assert.equal(headerSize(126, true), 8);
 * ```
 */
export function headerSize(length: number, masked: boolean): number {
  const size = length < LENGTH_16 ? 2 : length <= 0xffff ? 4 : 10;
  return masked ? size + 4 : size;
}

/**
 * Writes a frame's header without the masking key.
 *
 * @returns the offset behind the length, where the key or the payload begins
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
 * Writes a frame's header, with the payload's length in the fewest bytes (RFC 6455 section 5.2).
 *
 * @param target needs `headerSize(length, key !== null)` bytes from `at` on
 * @param first the first byte: FIN, RSV1 to RSV3 and the opcode
 * @param length the length of the payload in bytes, 0 to 2^53 - 1
 * @param key the masking key, whose first octet is the lowest byte; `null` for a frame that is not masked
 * @returns the offset where the payload begins
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { FIN_BIT, Opcode, writeHeader } from "tautline/framing";
 *
 * const target = Buffer.alloc(4);
 * assert.equal(writeHeader(target, 0, FIN_BIT | Opcode.Binary, 300, null), 4);
 * assert.equal(target.toString("hex"), "827e012c");
 * ```
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
 * Writes a whole frame, masked if there is a key (RFC 6455 section 5.2).
 *
 * @param target needs room for the header and the payload from `at` on; in a smaller one the frame is cut off, or a
 *   RangeError is thrown
 * @param first the first byte: FIN, RSV1 to RSV3 and the opcode
 * @param payload is copied and not changed
 * @param key the masking key, which a client takes from `nextMaskKey()` for each frame; `null` for a server's frame
 * @returns the offset where the frame ends
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { FIN_BIT, headerSize, Opcode, writeFrame } from "tautline/framing";
 *
 * const payload = Buffer.from("Hello");
 * const target = Buffer.alloc(headerSize(payload.length, false) + payload.length);
 * const end = writeFrame(target, 0, FIN_BIT | Opcode.Text, payload, null);
 * assert.equal(target.toString("hex", 0, end), "810548656c6c6f");
 * ```
 */
export function writeFrame(target: Buffer, at: number, first: number, payload: Uint8Array, key: number | null): number {
  const length = payload.length;
  const start = writeHeader(target, at, first, length, key);
  copyBytes(payload, 0, length, target, start);
  const end = start + length;
  if (key !== null) maskInPlace(target, start, end, key);
  return end;
}

/**
 * The room that `writeTextFrame` needs, in bytes: 3 bytes of UTF-8 for each UTF-16 code unit, and the header.
 *
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { textFrameRoom } from "tautline/framing";
 *
 * assert.equal(textFrameRoom("Hello", false), 2 + 3 * 5);
 * ```
 */
export function textFrameRoom(text: string, masked: boolean): number {
  const longest = text.length * 3;
  return longest + headerSize(longest, masked);
}

/**
 * Writes a text as one frame of UTF-8, masked if there is a key. A lone surrogate becomes U+FFFD, so that the text is
 * valid UTF-8 (RFC 6455 section 5.6).
 *
 * @param target needs `textFrameRoom(text, key !== null)` bytes from `at` on
 * @param first the first byte: FIN, RSV1 to RSV3 and the opcode
 * @param key the masking key; `null` for a frame that is not masked
 * @returns the offset where the frame ends
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { FIN_BIT, Opcode, textFrameRoom, writeTextFrame } from "tautline/framing";
 *
 * const target = Buffer.alloc(textFrameRoom("Hello", false));
 * const end = writeTextFrame(target, 0, FIN_BIT | Opcode.Text, "Hello", null);
 * assert.equal(target.toString("hex", 0, end), "810548656c6c6f");
 * ```
 */
export function writeTextFrame(target: Buffer, at: number, first: number, text: string, key: number | null): number {
  // The length in bytes is known once the text is written. The header of an ASCII text is guessed, and the text is
  // moved only if its length in UTF-8 needs a longer one.
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

/** Up to this many characters of ASCII, a loop is faster than a call into native code. */
const LOOP_WRITES_TO = 24;

/** @returns the number of bytes written */
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
