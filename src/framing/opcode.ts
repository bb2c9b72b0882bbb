/**
 * The opcodes of RFC 6455 section 5.2. 3 to 7 and 11 to 15 are reserved.
 *
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { Opcode } from "tautline/framing";
 *
 * assert.equal(Opcode.Ping, 0x9);
 * ```
 */
export const Opcode = Object.freeze({
  Continuation: 0x0,
  Text: 0x1,
  Binary: 0x2,
  Close: 0x8,
  Ping: 0x9,
  Pong: 0xa,
});

/** An opcode that is not reserved. */
export type Opcode = (typeof Opcode)[keyof typeof Opcode];
/** The type of a data message. */
export type MessageOpcode = typeof Opcode.Text | typeof Opcode.Binary;
/** The type of a control frame. */
export type ControlOpcode = typeof Opcode.Close | typeof Opcode.Ping | typeof Opcode.Pong;

/**
 * Whether an opcode, reserved ones included, is that of a control frame: its most significant bit is set (RFC 6455
 * section 5.5).
 *
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { isControl, Opcode } from "tautline/framing";
 *
 * assert.equal(isControl(Opcode.Close), true);
 * assert.equal(isControl(Opcode.Text), false);
 * ```
 */
export function isControl(opcode: number): opcode is ControlOpcode {
  return (opcode & 0x8) !== 0;
}

/**
 * The bit of a frame's first byte that marks the last frame of a message (RFC 6455 section 5.2).
 *
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { FIN_BIT, Opcode } from "tautline/framing";
 *
 * assert.equal(FIN_BIT | Opcode.Text, 0x81);
 * ```
 */
export const FIN_BIT = 0x80;
/** The bits RSV1 to RSV3 of a frame's first byte. */
export const RSV_BITS = 0x70;
/** The bits of the opcode in a frame's first byte. */
export const OPCODE_BITS = 0x0f;
/** The bit of a frame's second byte that says that the payload is masked. */
export const MASK_BIT = 0x80;
/** The bits of the 7-bit length in a frame's second byte. */
export const LENGTH_BITS = 0x7f;
/** The 7-bit length that is followed by a 16-bit length. */
export const LENGTH_16 = 126;
/** The 7-bit length that is followed by a 64-bit length. */
export const LENGTH_64 = 127;

/**
 * 125, the longest payload of a control frame in bytes (RFC 6455 section 5.5).
 *
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { headerSize, MAX_CONTROL_PAYLOAD } from "tautline/framing";
 *
 * assert.equal(headerSize(MAX_CONTROL_PAYLOAD, false), 2);
 * ```
 */
export const MAX_CONTROL_PAYLOAD = 125;
/** The longest header: 2 bytes, 8 bytes of extended length and 4 of masking key. */
export const MAX_HEADER_SIZE = 14;
