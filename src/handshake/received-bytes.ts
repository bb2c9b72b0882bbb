import { invalidArgument } from "../arguments/index.ts";

/**
 * The bytes of a chunk as a Buffer: the chunk itself, or a view of its memory.
 *
 * @throws TypeError ARGUMENT_INVALID for anything but bytes, such as a string
 */
export function receivedBytes(chunk: Uint8Array): Buffer {
  if (Buffer.isBuffer(chunk)) return chunk;
  if (chunk instanceof Uint8Array) return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
  const advice = typeof chunk === "string" ? 'use Buffer.from(text, "latin1")' : "";
  throw invalidArgument("chunk", "a Buffer or a Uint8Array", chunk, advice);
}
