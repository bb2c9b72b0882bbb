import { CloseCode, violation } from "../framing/index.ts";

/** Failures of an extension on our side, by their codes. */
export const ExtensionViolations = Object.freeze({
  EXTENSION_FAILED: violation(
    "EXTENSION_FAILED",
    CloseCode.InternalError,
    "RFC 6455 section 7.4.1",
    "an extension failed while it processed a message",
  ),
});
