import { CloseCode, violation } from "../../framing/index.ts";

/** What can be wrong with a compressed message, by the codes. */
export const DeflateViolations = Object.freeze({
  DEFLATE_CORRUPT: violation(
    "DEFLATE_CORRUPT",
    CloseCode.InvalidData,
    "RFC 7692 section 7.2.2",
    "a compressed message is truncated or is not valid DEFLATE data",
  ),
  DEFLATE_WASTEFUL: violation(
    "DEFLATE_WASTEFUL",
    CloseCode.PolicyViolation,
    "RFC 6455 section 10.4",
    "a compressed message is far longer than the data that it expands to",
  ),
});
