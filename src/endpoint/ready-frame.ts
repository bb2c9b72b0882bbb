import { headerSize, writeFrame } from "../framing/index.ts";

/** A whole frame without a mask that any number of connections send. Its bytes never change. */
export interface ReadyFrame {
  /** FIN, RSV1-3 and the opcode. */
  readonly first: number;
  readonly bytes: Buffer;
  /** The part of `bytes` behind the header. */
  readonly payload: Buffer;
}

/** Copies the payload behind its header, into memory of its own. */
export function readyFrame(first: number, payload: Uint8Array): ReadyFrame {
  const start = headerSize(payload.length, false);
  const bytes = Buffer.allocUnsafeSlow(start + payload.length);
  writeFrame(bytes, 0, first, payload, null);
  return { first, bytes, payload: bytes.subarray(start) };
}
