import { copyBytes, decodeUtf8, type MessageForm } from "../framing/index.ts";
import { decodeValidUtf8 } from "../framing/utf8.ts";

/** Up to this many bytes an array keeps them in its own object, and makes an ArrayBuffer only when it is asked for. */
const WITHIN_ARRAY = 64;

/** A string for text; for binary, an array that alone has its ArrayBuffer, of the same length. */
export const STRING_OR_ARRAY: MessageForm<string | Uint8Array> = Object.freeze({
  text: decodeUtf8,
  validText: decodeValidUtf8,
  binary: copyOf,
  ownedBinary: (bytes: Buffer) => (bytes.length === bytes.buffer.byteLength ? bytes : copyOf(bytes, 0, bytes.length)),
});

function copyOf(source: Uint8Array, start: number, end: number): Uint8Array {
  const length = end - start;
  const copy = length <= WITHIN_ARRAY ? new Uint8Array(length) : Buffer.allocUnsafeSlow(length);
  copyBytes(source, start, end, copy, 0);
  return copy;
}
