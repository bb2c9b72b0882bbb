import { types } from "node:util";
import { copyBytes } from "../framing/copy-bytes.ts";
import type { MessageForm } from "../framing/index.ts";
import { STRING_OR_BUFFER } from "../framing/message-form.ts";
import { toUsvString } from "./web-idl.ts";

/** A message as a chunk of a stream: a string for text, bytes for binary. */
export type StreamChunk = string | Uint8Array;

/** A string for text, a Uint8Array with memory of its own for binary. */
export const STREAM_CHUNK: MessageForm<StreamChunk> = Object.freeze({
  text: STRING_OR_BUFFER.text,
  validText: STRING_OR_BUFFER.validText,
  binary: bytesOf,
  ownedBinary: (bytes: Buffer) => {
    const { buffer, byteOffset, length } = bytes;
    // Whoever transfers the chunk's memory must not take that of others along.
    return length === buffer.byteLength ? new Uint8Array(buffer, byteOffset, length) : bytesOf(bytes, 0, length);
  },
});

function bytesOf(source: Buffer, start: number, end: number): Uint8Array {
  const bytes = new Uint8Array(end - start);
  copyBytes(source, start, end, bytes, 0);
  return bytes;
}

/**
 * Converts what the application has written: text for a string, bytes for an ArrayBuffer or a view of one, and the
 * string that anything else converts to.
 *
 * @throws TypeError for memory that is shared or resizable, and for what has no string, such as a Symbol; what the
 *   `toString()` of an object throws
 */
export function writtenChunk(chunk: unknown): StreamChunk {
  if (typeof chunk === "string") return chunk;
  if (ArrayBuffer.isView(chunk)) return bytesWithin(chunk.buffer, chunk);
  // Not instanceof: a buffer from another realm (node:vm) is one as well.
  if (types.isAnyArrayBuffer(chunk)) return bytesWithin(chunk, null);
  return toUsvString(chunk);
}

/** @param view shows a part of the buffer; `null` for all of it */
function bytesWithin(buffer: ArrayBufferLike, view: ArrayBufferView | null): Uint8Array {
  if (types.isSharedArrayBuffer(buffer)) throw new TypeError("a chunk must not be shared memory: write a copy of it");
  if ((buffer as { readonly resizable?: boolean }).resizable === true) {
    throw new TypeError("a chunk must not be a resizable ArrayBuffer or a view of one: write a copy of it");
  }
  // Memory that was transferred is empty, no view of it can be made, and a DataView of it even throws when it is asked.
  if (buffer.byteLength === 0) return new Uint8Array(0);
  return view === null ? new Uint8Array(buffer) : new Uint8Array(buffer, view.byteOffset, view.byteLength);
}
