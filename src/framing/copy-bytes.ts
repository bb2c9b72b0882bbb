// The global `Buffer` is a getter, which runs at each use.
import { Buffer } from "node:buffer";
import { rangeOf } from "./byte-views.ts";

/** Up to this many bytes, a loop is faster than a call into native code for a whole array. */
const LOOP_COPIES_TO = 8;
/** The same for a range of an array: the native call needs a view of it. */
const LOOP_COPIES_RANGES_TO = 48;

/** Copies the bytes of `source` from `start` to `end` into `target` at `at`; the two do not overlap. */
export function copyBytes(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): void {
  const length = end - start;
  if (length > LOOP_COPIES_TO && length === source.length) target.set(source, at);
  else if (length > LOOP_COPIES_RANGES_TO) target.set(rangeOf(source, start, end), at);
  else copyByLoop(source, start, end, target, at);
}

function copyByLoop(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): void {
  let from = start;
  let to = at;
  for (; from + 4 <= end; from += 4, to += 4) {
    target[to] = source[from] as number;
    target[to + 1] = source[from + 1] as number;
    target[to + 2] = source[from + 2] as number;
    target[to + 3] = source[from + 3] as number;
  }
  for (; from < end; from++, to++) target[to] = source[from] as number;
}

/** Up to this many bytes a Buffer may come from the memory that node keeps for small ones, 64 KiB in newer nodes. */
const FROM_COMMON_MEMORY_TO = 4096;

/** A Buffer with any content. A long one has its own memory, so that it keeps no other memory alive. */
export function newBuffer(length: number): Buffer {
  return length <= FROM_COMMON_MEMORY_TO ? Buffer.allocUnsafe(length) : Buffer.allocUnsafeSlow(length);
}

const EMPTY = Buffer.alloc(0);

/** A copy of the range. */
export function copyOf(source: Buffer, start: number, end: number): Buffer {
  // An empty Buffer cannot be changed, and a new one takes 150 ns.
  if (start === end) return EMPTY;
  const copy = newBuffer(end - start);
  copyBytes(source, start, end, copy, 0);
  return copy;
}
