import type { Row } from "../errors.ts";
import { CloseCode } from "./close-code.ts";

/**
 * A rule that the peer violated on an open connection, or a failure on our side. The connection fails with `closeCode`
 * (RFC 6455 section 7.1.7).
 */
export interface Violation extends Row {
  readonly kind: "violation";
  /** The code of the Close frame to send (RFC 6455 section 7.4.1). */
  readonly closeCode: 1002 | 1003 | 1007 | 1008 | 1009 | 1011;
}

/** Makes a row of a table of violations. */
export function violation(
  code: string,
  closeCode: Violation["closeCode"],
  section: string,
  message: string,
): Violation {
  return Object.freeze({ kind: "violation", code, closeCode, section, message });
}

const FRAMING = "RFC 6455 section 5.2";
const MASKING = "RFC 6455 section 5.1";
const FRAGMENTATION = "RFC 6455 section 5.4";
const CONTROL = "RFC 6455 section 5.5";
const CLOSE = "RFC 6455 section 5.5.1";
const STATUS_CODES = "RFC 6455 section 7.4";
const UTF8 = "RFC 6455 section 8.1";
const LIMITS = "RFC 6455 section 10.4";

/**
 * The violations of the rules about frames and messages, by their codes. The rows are frozen, so they can be compared by identity.
 *
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { Violations } from "tautline/framing";
 *
 * const { code, closeCode, section, message } = Violations.MASK_MISSING;
 * assert.deepEqual([code, closeCode, section], ["MASK_MISSING", 1002, "RFC 6455 section 5.1"]);
 * assert.equal(message, "a frame from the client is not masked");
 * ```
 */
export const Violations = Object.freeze({
  RESERVED_BITS: violation(
    "RESERVED_BITS",
    CloseCode.ProtocolError,
    FRAMING,
    "a reserved bit is set and no negotiated extension uses it",
  ),
  RESERVED_BITS_ON_CONTINUATION: violation(
    "RESERVED_BITS_ON_CONTINUATION",
    CloseCode.ProtocolError,
    "RFC 7692 section 6.1",
    "a reserved bit is set on a fragment other than the first of its message",
  ),
  RESERVED_OPCODE: violation("RESERVED_OPCODE", CloseCode.ProtocolError, FRAMING, "the opcode is reserved"),
  LENGTH_NOT_MINIMAL: violation(
    "LENGTH_NOT_MINIMAL",
    CloseCode.ProtocolError,
    FRAMING,
    "the payload length is not encoded in the fewest bytes",
  ),
  LENGTH_HIGH_BIT: violation(
    "LENGTH_HIGH_BIT",
    CloseCode.ProtocolError,
    FRAMING,
    "the most significant bit of the 64-bit payload length is set",
  ),
  LENGTH_UNSAFE: violation(
    "LENGTH_UNSAFE",
    CloseCode.MessageTooBig,
    LIMITS,
    "the payload length is more than 2^53 - 1 and cannot be represented exactly",
  ),
  MASK_MISSING: violation("MASK_MISSING", CloseCode.ProtocolError, MASKING, "a frame from the client is not masked"),
  MASK_UNEXPECTED: violation("MASK_UNEXPECTED", CloseCode.ProtocolError, MASKING, "a frame from the server is masked"),
  CONTROL_TOO_LONG: violation(
    "CONTROL_TOO_LONG",
    CloseCode.ProtocolError,
    CONTROL,
    "a control frame is longer than 125 bytes",
  ),
  CONTROL_FRAGMENTED: violation(
    "CONTROL_FRAGMENTED",
    CloseCode.ProtocolError,
    CONTROL,
    "a control frame is fragmented",
  ),
  CONTINUATION_UNEXPECTED: violation(
    "CONTINUATION_UNEXPECTED",
    CloseCode.ProtocolError,
    FRAGMENTATION,
    "a continuation frame arrives outside a fragmented message",
  ),
  CONTINUATION_MISSING: violation(
    "CONTINUATION_MISSING",
    CloseCode.ProtocolError,
    FRAGMENTATION,
    "a new message begins before the fragmented one has ended",
  ),
  EMPTY_FRAGMENTS: violation(
    "EMPTY_FRAGMENTS",
    CloseCode.PolicyViolation,
    LIMITS,
    "a message has far more empty fragments than bytes of payload",
  ),
  MESSAGE_TOO_BIG: violation(
    "MESSAGE_TOO_BIG",
    CloseCode.MessageTooBig,
    LIMITS,
    "the message is longer than maxPayload",
  ),
  TEXT_NOT_UTF8: violation("TEXT_NOT_UTF8", CloseCode.InvalidData, UTF8, "a text message is not valid UTF-8"),
  CLOSE_TOO_SHORT: violation(
    "CLOSE_TOO_SHORT",
    CloseCode.ProtocolError,
    CLOSE,
    "the payload of a Close frame is a single byte",
  ),
  CLOSE_CODE_INVALID: violation(
    "CLOSE_CODE_INVALID",
    CloseCode.ProtocolError,
    STATUS_CODES,
    "a Close frame carries a status code that must not be sent",
  ),
  CLOSE_REASON_NOT_UTF8: violation(
    "CLOSE_REASON_NOT_UTF8",
    CloseCode.InvalidData,
    UTF8,
    "the reason in a Close frame is not valid UTF-8",
  ),
});
