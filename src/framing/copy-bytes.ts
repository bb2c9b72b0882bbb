// As a global, Buffer is looked up by a getter of node's each time.
import { Buffer } from "node:buffer";
import { rangeOf } from "./range-of.ts";

/** Up to this many bytes a plain loop copies faster than a call into native code. */
export const LOOP_COPIES_TO = 48;

/** Copies the bytes of `source` from `start` to `end` into `target` at `at`; the two do not overlap. */
export function copyBytes(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): void {
  if (end - start <= LOOP_COPIES_TO) {
    const shift = at - start;
    for (let index = start; index < end; index++) target[index + shift] = source[index] as number;
  } else {
    target.set(rangeOf(source, start, end), at);
  }
}

/** Up to this many bytes memory is shared with other small Buffers: in newer nodes that is 64 KiB. */
const SHARES_MEMORY_TO = 4096;

/** A Buffer with any content. A long one has memory of its own, and holds no other's. */
export function newBuffer(length: number): Buffer {
  return length <= SHARES_MEMORY_TO ? Buffer.allocUnsafe(length) : Buffer.allocUnsafeSlow(length);
}

const EMPTY = Buffer.alloc(0);

/** A copy of the range that may be kept. */
export function copyOf(source: Buffer, start: number, end: number): Buffer {
  // Nobody can change it, and node takes 150 ns to make another one.
  if (start === end) return EMPTY;
  const copy = newBuffer(end - start);
  copyBytes(source, start, end, copy, 0);
  return copy;
}
