import { rangeOf } from "./byte-views.ts";
import { MASKING_MEMORY, type MaskingMemory } from "./masking-memory.ts";

/**
 * Masking (RFC 6455 section 5.3): octet i of the payload is XORed with octet i mod 4 of the key. The key is a 32-bit
 * integer whose lowest byte is its first octet.
 */

/** From this many bytes on, a call into WebAssembly is faster than a loop, */
const CALL_PAYS_FROM = 64;
/** and from this many on even with a copy to its memory and back. */
const SCRATCH_PAYS_FROM = 256;

/**
 * Rotates a masking key, so that its first octet is the one for the octet `count` places further in the payload (RFC
 * 6455 section 5.3).
 *
 * @param key a 32-bit integer whose lowest byte is the first octet
 * @param count the number of octets to skip, from 0
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { rotateKey } from "tautline/framing";
 *
 * assert.equal(rotateKey(0x44332211, 1), 0x11443322);
 * assert.equal(rotateKey(0x44332211, 4), 0x44332211);
 * ```
 */
export function rotateKey(key: number, count: number): number {
  const bits = (count & 3) << 3;
  return bits === 0 ? key : (key >>> bits) | (key << (32 - bits));
}

function maskByLoop(bytes: Uint8Array, start: number, end: number, key: number): void {
  const key0 = key & 0xff;
  const key1 = (key >>> 8) & 0xff;
  const key2 = (key >>> 16) & 0xff;
  const key3 = key >>> 24;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    (bytes[at] as number) ^= key0;
    (bytes[at + 1] as number) ^= key1;
    (bytes[at + 2] as number) ^= key2;
    (bytes[at + 3] as number) ^= key3;
  }
  if (at < end) (bytes[at++] as number) ^= key0;
  if (at < end) (bytes[at++] as number) ^= key1;
  if (at < end) (bytes[at] as number) ^= key2;
}

function maskInScratch(memory: MaskingMemory, bytes: Uint8Array, start: number, end: number, key: number): void {
  const { scratch } = memory;
  // The length of the scratch memory is a multiple of four, so that the same key fits each piece.
  for (let at = start; at < end; at += scratch.length) {
    const piece = rangeOf(bytes, at, Math.min(end, at + scratch.length));
    scratch.set(piece);
    memory.mask(scratch.byteOffset, scratch.byteOffset + piece.length, key);
    piece.set(rangeOf(scratch, 0, piece.length));
  }
}

function maskLong(bytes: Uint8Array, start: number, end: number, key: number): void {
  const memory = MASKING_MEMORY;
  if (memory !== null && bytes.buffer === memory.buffer) {
    memory.mask(bytes.byteOffset + start, bytes.byteOffset + end, key);
  } else if (memory === null || end - start < SCRATCH_PAYS_FROM) {
    maskByLoop(bytes, start, end, key);
  } else {
    maskInScratch(memory, bytes, start, end, key);
  }
}

/**
 * Masks or unmasks the bytes from `start` to `end` in place (RFC 6455 section 5.3).
 *
 * @param key a 32-bit integer whose lowest byte is the first octet
 * @returns the key for the octet at `end`: the next piece of the same payload needs it
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { maskInPlace } from "tautline/framing";
 *
 * const bytes = Buffer.from("Hello");
 * maskInPlace(bytes, 0, 5, 0x3d21fa37);
 * assert.equal(bytes.toString("hex"), "7f9f4d5158");
 * ```
 */
export function maskInPlace(bytes: Uint8Array, start: number, end: number, key: number): number {
  if (end - start < CALL_PAYS_FROM) maskByLoop(bytes, start, end, key);
  else maskLong(bytes, start, end, key);
  return rotateKey(key, end - start);
}
