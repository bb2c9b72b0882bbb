import { copyBytes } from "./copy-bytes.ts";

/** A range at least this long is kept as a view, if it is most of the memory behind it. */
const VIEW_FROM = 4096;
/** Small ranges are copied together into blocks; these grow with what is kept, between the two bounds, in bytes. */
const SMALLEST_BLOCK = 256;
const LARGEST_BLOCK = 65_536;

/** Whether keeping a view of the range would hold less than twice its memory. */
function fillsItsMemory(bytes: Buffer, start: number, end: number): boolean {
  return end - start >= VIEW_FROM && (end - start) * 2 >= bytes.buffer.byteLength;
}

function copyOf(bytes: Buffer, start: number, end: number): Buffer {
  const copy = Buffer.allocUnsafeSlow(end - start);
  bytes.copy(copy, 0, start, end);
  return copy;
}

/**
 * The range as a Buffer that may be kept: a view where it is long and most of the memory behind it, otherwise a
 * copy, since a view of a few bytes would hold the whole chunk.
 */
export function detach(bytes: Buffer, start: number, end: number): Buffer {
  if (fillsItsMemory(bytes, start, end)) return bytes.subarray(start, end);
  const copy = Buffer.allocUnsafe(end - start);
  copyBytes(bytes, start, end, copy, 0);
  return copy;
}

/**
 * Bytes that arrive in ranges and are wanted in one piece. What it holds is never more than about twice what was
 * added, however small the ranges: long ones are kept as views, short ones are copied together.
 */
export class BytePieces {
  readonly #pieces: Buffer[] = [];
  #length = 0;
  /** The block that takes the next short range, and how far it is filled; it is not in `#pieces` yet. */
  #block: Buffer | null = null;
  #filled = 0;

  /** How many bytes were added. */
  get length(): number {
    return this.#length;
  }

  add(bytes: Buffer, start: number, end: number): void {
    if (fillsItsMemory(bytes, start, end)) {
      this.#sealBlock();
      this.#pieces.push(bytes.subarray(start, end));
    } else {
      this.#copyIn(bytes, start, end);
    }
    this.#length += end - start;
  }

  /** All that was added and then the range, in one Buffer of its own. */
  joinWith(bytes: Buffer, start: number, end: number): Buffer {
    const joined = Buffer.allocUnsafe(this.#length + end - start);
    let at = 0;
    for (const piece of this.#pieces) at += piece.copy(joined, at);
    if (this.#block !== null) at += this.#block.copy(joined, at, 0, this.#filled);
    bytes.copy(joined, at, start, end);
    return joined;
  }

  #copyIn(bytes: Buffer, start: number, end: number): void {
    let at = start;
    while (at < end) {
      if (this.#block === null || this.#filled === this.#block.length) this.#newBlock(end - at);
      const block = this.#block as Buffer;
      const copied = bytes.copy(block, this.#filled, at, end);
      this.#filled += copied;
      at += copied;
    }
  }

  #newBlock(needed: number): void {
    this.#sealBlock();
    const size = Math.min(LARGEST_BLOCK, Math.max(SMALLEST_BLOCK, needed, this.#length));
    this.#block = Buffer.allocUnsafeSlow(size);
    this.#filled = 0;
  }

  /** Ends the block early or full. One that is mostly empty is not kept: a view of it would hold all of it. */
  #sealBlock(): void {
    const block = this.#block;
    if (block === null) return;
    const mostlyFull = this.#filled * 2 >= block.length;
    this.#pieces.push(mostlyFull ? block.subarray(0, this.#filled) : copyOf(block, 0, this.#filled));
    this.#block = null;
    this.#filled = 0;
  }
}
