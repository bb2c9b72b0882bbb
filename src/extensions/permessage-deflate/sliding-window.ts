import { copyBytes } from "../../framing/copy-bytes.ts";

/** The last bytes of a DEFLATE context, as many as a back-reference can reach (RFC 7692 section 7.1.2). */
export class SlidingWindow {
  readonly #bytes: Buffer;
  /** The offset of the next byte in the ring. */
  #at = 0;
  #length = 0;

  /** @param bits the base-2 logarithm of its size, 8 to 15 */
  constructor(bits: number) {
    this.#bytes = Buffer.allocUnsafeSlow(1 << bits);
  }

  /** Appends the bytes from `start` to `end`. */
  append(bytes: Uint8Array, start: number, end: number): void {
    const size = this.#bytes.length;
    const from = Math.max(start, end - size);
    const wrapAt = from + Math.min(end - from, size - this.#at);
    copyBytes(bytes, from, wrapAt, this.#bytes, this.#at);
    if (wrapAt < end) copyBytes(bytes, wrapAt, end, this.#bytes, 0);
    this.#at = (this.#at + end - from) % size;
    this.#length = Math.min(size, this.#length + end - from);
  }

  /** Makes it empty. */
  clear(): void {
    this.#at = 0;
    this.#length = 0;
  }

  /** The most bytes that it can hold. */
  get size(): number {
    return this.#bytes.length;
  }

  /** Views of the last `count` bytes, the older ones first. */
  last(count: number): readonly [Buffer, Buffer] {
    const wanted = Math.min(count, this.#length);
    const newer = Math.min(this.#at, wanted);
    const older = wanted - newer;
    return [this.#bytes.subarray(this.#bytes.length - older), this.#bytes.subarray(this.#at - newer, this.#at)];
  }

  /** A copy of its bytes, the oldest one first. */
  snapshot(): Buffer {
    const [older, newer] = this.last(this.#length);
    const copy = Buffer.allocUnsafeSlow(this.#length);
    newer.copy(copy, older.copy(copy));
    return copy;
  }
}
