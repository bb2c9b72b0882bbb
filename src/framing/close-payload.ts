import { outOfRange, shown, wrongType } from "../arguments/index.ts";
import { CloseCode } from "./close-code.ts";
import { MAX_CONTROL_PAYLOAD } from "./opcode.ts";
import { decodeUtf8 } from "./utf8.ts";
import { type Violation, Violations } from "./violations.ts";

/**
 * 1005, the code of a Close frame that has no status code. It is never sent (RFC 6455 section 7.4.1).
 *
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { NO_STATUS, parseClosePayload } from "tautline/framing";
 *
 * assert.equal(parseClosePayload(Buffer.alloc(0), 0, 0).code, NO_STATUS);
 * ```
 */
export const NO_STATUS = CloseCode.NoStatus;
/**
 * 1006, the code of an abnormal closure: no Close frame was received. It is never sent (RFC 6455 section 7.4.1).
 *
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { ABNORMAL_CLOSURE, isCloseCode } from "tautline/framing";
 *
 * assert.equal(isCloseCode(ABNORMAL_CLOSURE), false);
 * ```
 */
export const ABNORMAL_CLOSURE = CloseCode.AbnormalClosure;
/**
 * 123, the longest close reason in bytes of UTF-8: a control frame without the 2 bytes of the code (RFC 6455 section
 * 5.5).
 *
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { closeStatus, MAX_CLOSE_REASON } from "tautline/framing";
 *
 * assert.throws(() => closeStatus(1000, "a".repeat(MAX_CLOSE_REASON + 1)), RangeError);
 * ```
 */
export const MAX_CLOSE_REASON = MAX_CONTROL_PAYLOAD - 2;

/** The content of a Close frame. */
export interface CloseStatus {
  /** 1005 if the frame has no payload. */
  readonly code: number;
  /** At most 123 bytes of UTF-8; "" if there is none. */
  readonly reason: string;
}

const EMPTY_STATUS: CloseStatus = Object.freeze({ code: NO_STATUS, reason: "" });

/**
 * Whether a Close frame may carry this status code (RFC 6455 section 7.4): 1000 to 1003, 1007 to 1014, or 3000 to 4999.
 * 1012 to 1014 are later entries of the IANA registry. 1004, 1005, 1006 and 1015 are reserved.
 *
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { isCloseCode } from "tautline/framing";
 *
 * assert.equal(isCloseCode(1000), true);
 * assert.equal(isCloseCode(1006), false);
 * ```
 */
export function isCloseCode(code: number): boolean {
  if (!Number.isInteger(code)) return false;
  if (code >= 3000) return code <= 4999;
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}

/**
 * Reads the payload of a Close frame (RFC 6455 section 5.5.1), which is unmasked already.
 *
 * @returns the status, with the code 1005 if the payload is empty; or the rule that the payload violates
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { parseClosePayload, Violations } from "tautline/framing";
 *
 * const payload = Buffer.from("\x03\xe8bye", "latin1");
 * assert.deepEqual(parseClosePayload(payload, 0, payload.length), { code: 1000, reason: "bye" });
 * assert.equal(parseClosePayload(payload, 0, 1), Violations.CLOSE_TOO_SHORT);
 * ```
 */
export function parseClosePayload(bytes: Buffer, start: number, end: number): CloseStatus | Violation {
  if (start === end) return EMPTY_STATUS;
  if (end - start === 1) return Violations.CLOSE_TOO_SHORT;
  const code = bytes.readUInt16BE(start);
  if (!isCloseCode(code)) return Violations.CLOSE_CODE_INVALID;
  const reason = decodeUtf8(bytes, start + 2, end);
  return reason === null ? Violations.CLOSE_REASON_NOT_UTF8 : { code, reason };
}

/**
 * Checks the code and the reason of a Close frame to be sent (RFC 6455 sections 5.5.1 and 7.4).
 *
 * @param code 1000 to 1003, 1007 to 1014 or 3000 to 4999; `undefined` for a Close frame without a payload
 * @param reason at most 123 bytes of UTF-8; "" if there is no code
 * @throws RangeError ARGUMENT_INVALID if the code must not be sent, or the reason is too long or has no code;
 *   TypeError ARGUMENT_INVALID if the code is not a number or the reason is not a string
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { closeStatus } from "tautline/framing";
 *
 * assert.deepEqual(closeStatus(4000, "idle"), { code: 4000, reason: "idle" });
 * assert.deepEqual(closeStatus(undefined, ""), { code: 1005, reason: "" });
 * assert.throws(() => closeStatus(1006, ""), RangeError);
 * ```
 */
export function closeStatus(code: number | undefined, reason: string): CloseStatus {
  checkKinds(code, reason);
  if (code === undefined) {
    if (reason === "") return EMPTY_STATUS;
    throw outOfRange("ARGUMENT_INVALID", "a close reason needs a close code before it (RFC 6455 section 5.5.1)");
  }
  if (!isCloseCode(code)) {
    throw outOfRange(
      "ARGUMENT_INVALID",
      `${code} cannot be sent as a close code: use 1000-1003, 1007-1014 or 3000-4999 (RFC 6455 section 7.4)`,
    );
  }
  const length = Buffer.byteLength(reason);
  if (length > MAX_CLOSE_REASON) {
    throw outOfRange(
      "ARGUMENT_INVALID",
      `the close reason has ${length} bytes of UTF-8, more than the ${MAX_CLOSE_REASON} that a Close frame can hold (RFC 6455 section 5.5)`,
    );
  }
  return { code, reason };
}

function checkKinds(code: unknown, reason: unknown): void {
  if (code !== undefined && typeof code !== "number") {
    const advice = typeof code === "function" ? ': close() takes no callback, "close" is emitted' : "";
    throw wrongType("ARGUMENT_INVALID", `a close code must be a number, not ${shown(code)}${advice}`);
  }
  if (typeof reason !== "string") {
    throw wrongType("ARGUMENT_INVALID", `a close reason must be a string, not ${shown(reason)}`);
  }
}

/**
 * Cuts a text to the longest close reason, between two characters (RFC 6455 section 5.5).
 *
 * @returns the text, or its beginning: at most 123 bytes of UTF-8
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { shortenedReason } from "tautline/framing";
 *
 * assert.equal(shortenedReason("€".repeat(50)), "€".repeat(41));
 * ```
 */
export function shortenedReason(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= MAX_CLOSE_REASON) return text;
  let end = MAX_CLOSE_REASON;
  while (((bytes[end] as number) & 0xc0) === 0x80) end--;
  return bytes.toString("utf8", 0, end);
}

/**
 * Makes the payload of a Close frame (RFC 6455 section 5.5.1). It is empty for the code 1005.
 *
 * @param status a result of `closeStatus` or `parseClosePayload`
 * @throws RangeError or TypeError ARGUMENT_INVALID as `closeStatus` does, for any other status
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { closeStatus, encodeClosePayload } from "tautline/framing";
 *
 * assert.equal(encodeClosePayload(closeStatus(1000, "bye")).toString("latin1"), "\x03\xe8bye");
 * ```
 */
export function encodeClosePayload(status: CloseStatus): Buffer {
  if (status.code === NO_STATUS) return Buffer.alloc(0);
  const { code, reason } = closeStatus(status.code, status.reason);
  const payload = Buffer.allocUnsafe(2 + Buffer.byteLength(reason));
  payload.writeUInt16BE(code, 0);
  payload.write(reason, 2);
  return payload;
}
