import {
  FIN_BIT,
  isControl,
  LENGTH_16,
  LENGTH_64,
  LENGTH_BITS,
  MASK_BIT,
  MAX_CONTROL_PAYLOAD,
  OPCODE_BITS,
  Opcode,
  RSV_BITS,
} from "./opcode.ts";
import { type Violation, Violations } from "./violations.ts";

/** The value of both words of the extended length while its bytes have not arrived. */
export const LENGTH_PENDING = -1;

const HIGH_BIT = 0x8000_0000;
/** The high word of 2^53 - 1, the largest integer that a JavaScript number represents exactly. */
const SAFE_HIGH_WORD = 0x1f_ffff;

/**
 * Checks a frame's header against every MUST of RFC 6455 sections 5.1 to 5.5. `FrameParser` does it for each frame.
 *
 * `high` and `low` are both -1 while the extended length has not arrived: most rules need only the first two bytes.
 *
 * @param first the first byte: FIN, RSV1 to RSV3 and the opcode
 * @param second the second byte: MASK and the 7-bit length
 * @param high the upper 32 bits of the 64-bit length, otherwise 0
 * @param low the lower 32 bits of the 64-bit length, or the 16-bit length; not used if the length has 7 bits
 * @param expectMask whether the frame must be masked: `true` for a client's frames
 * @param allowedRsv the bits of 0x70 that negotiated extensions use
 * @param messageOpen whether a fragmented message has begun and has not ended
 * @returns the rule that the header violates, or `null`
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { checkHeader, Violations } from "tautline/framing";
 *
 * assert.equal(checkHeader(0x81, 0x85, 0, 5, true, 0, false), null);
 * assert.equal(checkHeader(0x81, 0x05, 0, 5, true, 0, false), Violations.MASK_MISSING);
 * assert.equal(checkHeader(0x89, 0xfe, -1, -1, true, 0, false), Violations.CONTROL_TOO_LONG);
 * ```
 */
export function checkHeader(
  first: number,
  second: number,
  high: number,
  low: number,
  expectMask: boolean,
  allowedRsv: number,
  messageOpen: boolean,
): Violation | null {
  const opcode = first & OPCODE_BITS;
  const control = isControl(opcode);

  // 5.2: "If a nonzero value is received and none of the negotiated extensions defines the meaning of such a
  // nonzero value, the receiving endpoint MUST _Fail the WebSocket Connection_."
  const rsv = first & RSV_BITS;
  if (rsv !== 0 && (control || (rsv & ~allowedRsv) !== 0)) return Violations.RESERVED_BITS;
  // RFC 7692, 6.1: the bit is set on a message's first frame and not on "non-first fragments of a data message. An
  // endpoint receiving such a frame MUST _Fail the WebSocket Connection_."
  if (rsv !== 0 && opcode === Opcode.Continuation) return Violations.RESERVED_BITS_ON_CONTINUATION;

  // 5.2: "If an unknown opcode is received, the receiving endpoint MUST _Fail the WebSocket Connection_."
  if (control ? opcode > Opcode.Pong : opcode > Opcode.Binary) return Violations.RESERVED_OPCODE;

  // 5.1: "The server MUST close the connection upon receiving a frame that is not masked." and "A client MUST
  // close a connection if it detects a masked frame."
  if (((second & MASK_BIT) !== 0) !== expectMask) {
    return expectMask ? Violations.MASK_MISSING : Violations.MASK_UNEXPECTED;
  }

  if (control) {
    // 5.5: "All control frames MUST have a payload length of 125 bytes or less and MUST NOT be fragmented."
    if ((second & LENGTH_BITS) > MAX_CONTROL_PAYLOAD) return Violations.CONTROL_TOO_LONG;
    if ((first & FIN_BIT) === 0) return Violations.CONTROL_FRAGMENTED;
    return null;
  }

  // 5.4: a fragmented message is one frame with a nonzero opcode, followed by continuation frames, and
  // "The fragments of one message MUST NOT be interleaved between the fragments of another message".
  if (opcode === Opcode.Continuation && !messageOpen) return Violations.CONTINUATION_UNEXPECTED;
  if (opcode !== Opcode.Continuation && messageOpen) return Violations.CONTINUATION_MISSING;

  return checkExtendedLength(second & LENGTH_BITS, high, low);
}

function checkExtendedLength(lengthBits: number, high: number, low: number): Violation | null {
  if (lengthBits < LENGTH_16 || low === LENGTH_PENDING) return null;
  // 5.2: "the most significant bit MUST be 0"
  if (high >= HIGH_BIT) return Violations.LENGTH_HIGH_BIT;
  if (high > SAFE_HIGH_WORD) return Violations.LENGTH_UNSAFE;
  // 5.2: "in all cases, the minimal number of bytes MUST be used to encode the length"
  const minimal = lengthBits === LENGTH_64 ? high > 0 || low > 0xffff : low >= LENGTH_16;
  return minimal ? null : Violations.LENGTH_NOT_MINIMAL;
}
