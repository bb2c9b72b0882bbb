import { copyBytes, copyOf, newBuffer } from "./copy-bytes.ts";

const NOTHING = Buffer.alloc(0);
/** The smallest that it begins with, in bytes. */
const LEAST = 256;
/** How many times what has arrived it takes on the word of what is announced, and without such a word. */
const ON_ANNOUNCEMENT = 4;
const WITHOUT = 2;

/**
 * Bytes that arrive in ranges and are wanted in one piece. It grows with what arrives: an announced length saves
 * copies, but costs a liar's victim no more than four times what was sent.
 */
export class GrowingBuffer {
  #bytes: Buffer = NOTHING;
  #length = 0;

  /** @param announced how long the whole will be at least, this range included */
  add(bytes: Buffer, start: number, end: number, announced: number): void {
    const length = this.#length + end - start;
    if (length > this.#bytes.length) this.#grow(length, announced);
    copyBytes(bytes, start, end, this.#bytes, this.#length);
    this.#length = length;
  }

  /** All that was added, in memory of its own; nothing may be added any more. */
  take(): Buffer {
    const bytes = this.#bytes;
    if (this.#length === bytes.length) return bytes;
    // Where much would be wasted, whoever keeps the bytes is not to keep the waste.
    return this.#length * 2 < bytes.length ? copyOf(bytes, 0, this.#length) : this.#content;
  }

  get #content(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  #capacityFor(length: number, announced: number): number {
    if (announced > length) return Math.min(announced, Math.max(LEAST, length * ON_ANNOUNCEMENT));
    return Math.max(LEAST, length * WITHOUT);
  }

  #grow(length: number, announced: number): void {
    const grown = newBuffer(this.#capacityFor(length, announced));
    copyBytes(this.#bytes, 0, this.#length, grown, 0);
    this.#bytes = grown;
  }
}
