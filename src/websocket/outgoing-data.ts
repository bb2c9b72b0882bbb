import { Blob as NodeBlob } from "node:buffer";
import { types } from "node:util";
import { toUsvString } from "./web-idl.ts";

/** A message as `send()` takes it, after the conversion. Bytes are still the caller's. */
export type OutgoingData = string | Uint8Array | Blob;

const EMPTY = new Uint8Array(0);

/** A buffer that may be of any kind. */
type AnyBuffer = ArrayBufferLike & { readonly resizable?: boolean };

/**
 * Converts to `(BufferSource or Blob or USVString)` of Web IDL. A SharedArrayBuffer is not a BufferSource, and so becomes
 * a string.
 *
 * @throws TypeError for a view of a SharedArrayBuffer, for a resizable ArrayBuffer or a view of one, and for a Symbol
 */
export function outgoingData(value: unknown): OutgoingData {
  if (typeof value === "string") return toUsvString(value);
  if (ArrayBuffer.isView(value)) return bytesOfView(value);
  if (types.isArrayBuffer(value)) return bytesOfBuffer(value);
  return isBlob(value) ? value : toUsvString(value);
}

/** A test environment such as jsdom replaces the global class. */
function isBlob(value: unknown): value is Blob {
  return value instanceof NodeBlob || value instanceof Blob;
}

function bytesOfView(view: ArrayBufferView): Uint8Array {
  const { buffer } = view;
  if (types.isSharedArrayBuffer(buffer)) throw new TypeError("a view of a SharedArrayBuffer cannot be sent: copy it");
  checkLength(buffer);
  // A view of a detached buffer is empty, no other can be made of it, and a DataView of one even throws when it is asked.
  if (buffer.byteLength === 0) return EMPTY;
  return view instanceof Uint8Array ? view : new Uint8Array(buffer, view.byteOffset, view.byteLength);
}

function bytesOfBuffer(buffer: ArrayBuffer): Uint8Array {
  checkLength(buffer);
  return buffer.byteLength === 0 ? EMPTY : new Uint8Array(buffer);
}

function checkLength(buffer: AnyBuffer): void {
  if (buffer.resizable === true)
    throw new TypeError("a resizable ArrayBuffer, or a view of one, cannot be sent: copy it");
}

/** The number of bytes of a message. */
export function byteLengthOf(data: OutgoingData): number {
  if (typeof data === "string") return Buffer.byteLength(data);
  return data instanceof Uint8Array ? data.byteLength : data.size;
}
