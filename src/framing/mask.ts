/**
 * Masking (RFC 6455 section 5.3): octet i of the payload is XORed with octet i mod 4 of the key. A key is held
 * as one 32-bit integer whose lowest byte is the key's first octet.
 */

const LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;
/** Below this many bytes a view of words costs more to make than it saves. */
const WORDS_PAY_FROM = 64;

/** The key as it applies `count` octets further on. */
export function rotateKey(key: number, count: number): number {
  const bits = (count & 3) << 3;
  return bits === 0 ? key : (key >>> bits) | (key << (32 - bits));
}

function swapBytes(word: number): number {
  return (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
}

function maskBytes(bytes: Uint8Array, start: number, end: number, key: number): void {
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

function maskWords(words: Int32Array, key: number): void {
  const count = words.length;
  let at = 0;
  for (; at + 8 <= count; at += 8) {
    (words[at] as number) ^= key;
    (words[at + 1] as number) ^= key;
    (words[at + 2] as number) ^= key;
    (words[at + 3] as number) ^= key;
    (words[at + 4] as number) ^= key;
    (words[at + 5] as number) ^= key;
    (words[at + 6] as number) ^= key;
    (words[at + 7] as number) ^= key;
  }
  for (; at < count; at++) (words[at] as number) ^= key;
}

/**
 * Masks or unmasks `bytes` from `start` to `end` where they lie.
 *
 * @returns the key for the octet at `end`, so that a payload that comes in pieces goes on with it
 */
export function maskInPlace(bytes: Uint8Array, start: number, end: number, key: number): number {
  if (end - start < WORDS_PAY_FROM) {
    maskBytes(bytes, start, end, key);
    return rotateKey(key, end - start);
  }
  const wordsStart = start + (-(bytes.byteOffset + start) & 3);
  const wordCount = (end - wordsStart) >>> 2;
  const wordsEnd = wordsStart + (wordCount << 2);
  const wordKey = rotateKey(key, wordsStart - start);
  maskBytes(bytes, start, wordsStart, key);
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + wordsStart, wordCount);
  maskWords(words, LITTLE_ENDIAN ? wordKey : swapBytes(wordKey));
  maskBytes(bytes, wordsEnd, end, wordKey);
  return rotateKey(key, end - start);
}
