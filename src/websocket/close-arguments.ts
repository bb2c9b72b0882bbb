/** The code and the reason that an application closes with: steps 1 and 2 of `close()` in the WHATWG standard. */
import { CloseCode, type CloseStatus, closeStatus, MAX_CLOSE_REASON } from "../framing/index.ts";

/** RFC 6455 section 7.4.1: normal closure. */

/** @throws DOMException InvalidAccessError for a code other than 1000 and 3000 to 4999 */
export function checkCloseCode(code: number): void {
  if (code === CloseCode.NormalClosure || (code >= 3000 && code <= 4999)) return;
  throw new DOMException(`the close code must be 1000 or from 3000 to 4999, not ${code}`, "InvalidAccessError");
}

/** @throws DOMException SyntaxError for a reason of more than 123 bytes of UTF-8 */
export function checkCloseReason(reason: string): void {
  const length = Buffer.byteLength(reason);
  if (length <= MAX_CLOSE_REASON) return;
  throw new DOMException(
    `the close reason has ${length} bytes of UTF-8, more than the ${MAX_CLOSE_REASON} that a Close frame holds`,
    "SyntaxError",
  );
}

/**
 * Checks the code and the reason of a call, and makes what the Close frame says. A reason without a code gets 1000, since
 * a Close frame has no reason without a code.
 *
 * @throws as `checkCloseCode` and `checkCloseReason` do
 */
export function closeStatusOf(code: number | undefined, reason: string | undefined): CloseStatus {
  if (code !== undefined) checkCloseCode(code);
  if (reason !== undefined) checkCloseReason(reason);
  const hasReason = reason !== undefined && reason !== "";
  return closeStatus(code ?? (hasReason ? CloseCode.NormalClosure : undefined), reason ?? "");
}
