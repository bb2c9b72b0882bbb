import { types } from "node:util";
import { outOfRange, shown, wrongType } from "../arguments/index.ts";
import { MAX_CONTROL_PAYLOAD } from "../framing/index.ts";

/** Bytes in any of the forms that browsers and node have. */
export type BinaryData = ArrayBuffer | SharedArrayBuffer | NodeJS.ArrayBufferView;

/** @throws TypeError for anything else */
export function asBytes(data: BinaryData): Uint8Array {
  if (data instanceof Uint8Array) return data;
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  // Not instanceof: a buffer from another realm (node:vm) is one as well.
  if (types.isAnyArrayBuffer(data)) return new Uint8Array(data);
  const advice = typeof data === "function" ? ", and no callback is taken" : "";
  const message = `data must be a string, an ArrayBuffer or a view of one, not ${shown(data)}${advice}`;
  throw wrongType("ARGUMENT_INVALID", message);
}

/** @throws RangeError if the payload is longer than a control frame allows */
export function controlPayload(data: string | BinaryData): Uint8Array {
  const bytes = typeof data === "string" ? Buffer.from(data) : asBytes(data);
  if (bytes.length <= MAX_CONTROL_PAYLOAD) return bytes;
  throw outOfRange(
    "ARGUMENT_INVALID",
    `the payload has ${bytes.length} bytes, more than the ${MAX_CONTROL_PAYLOAD} of a control frame (RFC 6455 section 5.5)`,
  );
}
