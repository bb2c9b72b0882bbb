/** The opcodes of RFC 6455 section 5.2; 3-7 and 11-15 are reserved. */
export const Opcode = Object.freeze({
  Continuation: 0x0,
  Text: 0x1,
  Binary: 0x2,
  Close: 0x8,
  Ping: 0x9,
  Pong: 0xa,
});

export type Opcode = (typeof Opcode)[keyof typeof Opcode];
/** What a whole message can be. */
export type MessageOpcode = typeof Opcode.Text | typeof Opcode.Binary;
export type ControlOpcode = typeof Opcode.Close | typeof Opcode.Ping | typeof Opcode.Pong;

/** Control frames have the most significant bit of the opcode set (RFC 6455 section 5.5). */
export function isControl(opcode: number): opcode is ControlOpcode {
  return (opcode & 0x8) !== 0;
}

/** The first byte of a frame: FIN, RSV1-3 and the opcode. */
export const FIN_BIT = 0x80;
export const RSV_BITS = 0x70;
export const OPCODE_BITS = 0x0f;
/** The second byte of a frame: MASK and the 7-bit length. */
export const MASK_BIT = 0x80;
export const LENGTH_BITS = 0x7f;
/** The 7-bit lengths that announce 2 or 8 more bytes of length. */
export const LENGTH_16 = 126;
export const LENGTH_64 = 127;

/** Control frames carry at most this many bytes (RFC 6455 section 5.5). */
export const MAX_CONTROL_PAYLOAD = 125;
/** 2 bytes, 8 of extended length and 4 of masking key. */
export const MAX_HEADER_SIZE = 14;
