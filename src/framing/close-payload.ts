import { outOfRange, shown, wrongType } from "../arguments/index.ts";
import { MAX_CONTROL_PAYLOAD } from "./opcode.ts";
import { decodeUtf8 } from "./utf8.ts";
import { type Violation, Violations } from "./violations.ts";

/** No status code was in the Close frame; never on the wire (RFC 6455 section 7.4.1). */
export const NO_STATUS = 1005;
/** No Close frame came; never on the wire (RFC 6455 section 7.4.1). */
export const ABNORMAL_CLOSURE = 1006;
/** The reason's longest form in UTF-8, in bytes: what a control frame leaves beside the code. */
export const MAX_CLOSE_REASON = MAX_CONTROL_PAYLOAD - 2;

/** What a Close frame says; `code` is 1005 where it said nothing. */
export interface CloseStatus {
  readonly code: number;
  readonly reason: string;
}

const NOTHING_SAID: CloseStatus = Object.freeze({ code: NO_STATUS, reason: "" });

/**
 * Whether a status code may stand in a Close frame (RFC 6455 section 7.4). 1012 to 1014 were registered with IANA
 * later; 1004, 1005, 1006 and 1015 are reserved, the rest below 3000 is not assigned, and nothing above 4999 is
 * defined.
 */
export function isCloseCode(code: number): boolean {
  if (!Number.isInteger(code)) return false;
  if (code >= 3000) return code <= 4999;
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}

/** Reads the payload of a Close frame (RFC 6455 section 5.5.1). */
export function parseClosePayload(bytes: Buffer, start: number, end: number): CloseStatus | Violation {
  if (start === end) return NOTHING_SAID;
  if (end - start === 1) return Violations.CLOSE_TOO_SHORT;
  const code = bytes.readUInt16BE(start);
  if (!isCloseCode(code)) return Violations.CLOSE_CODE_INVALID;
  const reason = decodeUtf8(bytes, start + 2, end);
  return reason === null ? Violations.CLOSE_REASON_NOT_UTF8 : { code, reason };
}

/**
 * What a Close frame of our own is to say.
 *
 * @param code 1000-1003, 1007-1014 or 3000-4999; `undefined` for a Close frame without a payload
 * @throws RangeError where the code must not be sent, or the reason is longer than 123 bytes of UTF-8 or stands
 *   without a code; TypeError for a code that is not a number, or a reason that is not a string
 */
export function closeStatus(code: number | undefined, reason: string): CloseStatus {
  checkKinds(code, reason);
  if (code === undefined) {
    if (reason === "") return NOTHING_SAID;
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
      `the close reason has ${length} bytes of UTF-8, more than the ${MAX_CLOSE_REASON} that a control frame holds (RFC 6455 section 5.5)`,
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

/** As much of a text, in whole characters, as a Close frame holds (RFC 6455 section 5.5). */
export function shortenedReason(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= MAX_CLOSE_REASON) return text;
  let end = MAX_CLOSE_REASON;
  while (((bytes[end] as number) & 0xc0) === 0x80) end--;
  return bytes.toString("utf8", 0, end);
}

/**
 * Lays out the payload of a Close frame for a status that `closeStatus` or `parseClosePayload` has given.
 *
 * @throws as `closeStatus` does for a status that neither has given
 */
export function encodeClosePayload(status: CloseStatus): Buffer {
  if (status.code === NO_STATUS) return Buffer.alloc(0);
  const { code, reason } = closeStatus(status.code, status.reason);
  const payload = Buffer.allocUnsafe(2 + Buffer.byteLength(reason));
  payload.writeUInt16BE(code, 0);
  payload.write(reason, 2);
  return payload;
}
