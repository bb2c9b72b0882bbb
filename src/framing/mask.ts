import { MASKING_MEMORY, type MaskingMemory } from "./masking-memory.ts";
import { rangeOf } from "./range-of.ts";

/**
 * Masking (RFC 6455 section 5.3): octet i of the payload is XORed with octet i mod 4 of the key. A key is held
 * as one 32-bit integer whose lowest byte is the key's first octet.
 */

/** From this many bytes on a call into WebAssembly costs less than a loop, */
const CALL_PAYS_FROM = 64;
/** and from this many also the way to its memory and back. */
const SCRATCH_PAYS_FROM = 256;

/** The key as it applies `count` octets further on. */
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
  // A whole scratch is a multiple of four octets, so that each piece begins with the key as it is.
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
 * Masks or unmasks `bytes` from `start` to `end` where they lie.
 *
 * @returns the key for the octet at `end`, so that a payload that comes in pieces goes on with it
 */
export function maskInPlace(bytes: Uint8Array, start: number, end: number, key: number): number {
  if (end - start < CALL_PAYS_FROM) maskByLoop(bytes, start, end, key);
  else maskLong(bytes, start, end, key);
  return rotateKey(key, end - start);
}
