/** Header fields on their way out: what an application gives may not end a line or a head (RFC 9112 section 11.1). */
import { shown, wrongType } from "../arguments/index.ts";
import { isToken } from "../extensions/token.ts";
import { type ExtraHeaders, headerEntries } from "./extra-headers.ts";

/** HTAB, SP, VCHAR and obs-text (RFC 9110 section 5.5), a byte a character. */
function isFieldValue(value: string): boolean {
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at);
    if ((code < 0x20 && code !== 0x09) || code === 0x7f || code > 0xff) return false;
  }
  return true;
}

/**
 * One field line with its CRLF.
 *
 * @throws TypeError naming the field, when its name is not a token or its value could not stand in a line.
 */
export function fieldLine(name: string, value: string): string {
  if (!isToken(name)) {
    // The text after a colon may be a value, and so a password.
    const shownName = shown(name.replace(/:.+/s, ":..."));
    throw wrongType("HEADER_INVALID", `${shownName} is not the name of a header field`);
  }
  if (typeof value !== "string") {
    throw wrongType("HEADER_INVALID", `the value of the header field ${name} is not a string`);
  }
  if (!isFieldValue(value)) {
    const message = `the value of the header field ${name} has a control character or one past U+00FF`;
    throw wrongType("HEADER_INVALID", message);
  }
  return `${name}: ${value}\r\n`;
}

/**
 * The lines of an application's header fields.
 *
 * @param isReserved tells, of a lower-case name, whether the library alone sets that field.
 * @throws TypeError naming the field, when it is reserved or cannot be sent.
 */
export function fieldLines(headers: ExtraHeaders, isReserved: (lowerCaseName: string) => boolean): string {
  let lines = "";
  for (const [name, values] of headerEntries(headers)) {
    if (isReserved(name.toLowerCase())) {
      throw wrongType("HEADER_INVALID", `the header field ${name} is set by the library itself`);
    }
    for (const value of values) lines += fieldLine(name, value);
  }
  return lines;
}

const OF_THE_HANDSHAKE = new Set(["upgrade", "connection", "content-length", "transfer-encoding"]);

/** The fields that make a head a WebSocket handshake, and those that would announce a body, which none has. */
export function isHandshakeField(lowerCaseName: string): boolean {
  return OF_THE_HANDSHAKE.has(lowerCaseName) || lowerCaseName.startsWith("sec-websocket-");
}
