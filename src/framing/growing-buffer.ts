import { copyBytes, copyOf, newBuffer } from "./copy-bytes.ts";

const NOTHING = Buffer.alloc(0);
/** The least capacity, in bytes. */
const LEAST = 256;
/** The capacity grows to this many times the received bytes if more are announced, */
const ANNOUNCED_GROWTH = 4;
/** and to this many times if not. */
const GROWTH = 2;

/**
 * Joins bytes that arrive in ranges. An announced length saves copies, but the memory grows with the received bytes: a
 * peer that announces more than it sends costs at most four times what it sent.
 */
export class GrowingBuffer {
  #bytes: Buffer = NOTHING;
  #length = 0;
  /** Whether the capacity is the announced length. */
  #isExact = false;

  /** @param announced the least length of all bytes, including this range */
  add(bytes: Buffer, start: number, end: number, announced: number): void {
    const length = this.#length + end - start;
    if (length > this.#bytes.length) this.#grow(length, announced);
    copyBytes(bytes, start, end, this.#bytes, this.#length);
    this.#length = length;
  }

  /** All bytes that were added, in their own memory. Nothing may be added afterwards. */
  take(): Buffer {
    const bytes = this.#bytes;
    if (this.#length === bytes.length) return bytes;
    // If more than half would be unused, a copy keeps less memory alive.
    return this.#length * 2 < bytes.length ? copyOf(bytes, 0, this.#length) : this.#content;
  }

  get #content(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  #capacityFor(length: number, announced: number): number {
    const isAnnounced = announced > length && !this.#isExact;
    if (isAnnounced) return Math.min(announced, Math.max(LEAST, length * ANNOUNCED_GROWTH));
    // Either nothing more is announced, or the announced length has risen, as it does with each fragment of a message. To
    // follow it exactly would copy everything with each of them.
    return Math.max(LEAST, length * GROWTH);
  }

  #grow(length: number, announced: number): void {
    const capacity = this.#capacityFor(length, announced);
    const grown = newBuffer(capacity);
    copyBytes(this.#bytes, 0, this.#length, grown, 0);
    this.#bytes = grown;
    this.#isExact = capacity === announced;
  }
}
