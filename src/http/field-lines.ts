/** Writes header fields. A name or value from an application must not end a line or a head (RFC 9112 section 11.1). */
import { shown, wrongType } from "../arguments/index.ts";
import { type ExtraHeaders, headerEntries } from "./extra-headers.ts";
import { isToken } from "./token.ts";

/** HTAB, SP, VCHAR and obs-text (RFC 9110 section 5.5), one character per byte. */
function isFieldValue(value: string): boolean {
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at);
    if ((code < 0x20 && code !== 0x09) || code === 0x7f || code > 0xff) return false;
  }
  return true;
}

/**
 * Formats one field line, including its CRLF.
 *
 * @throws TypeError HEADER_INVALID, naming the field, for a name that is not a token and a value that cannot be sent
 */
export function fieldLine(name: string, value: string): string {
  if (!isToken(name)) {
    // Text after a colon may be a value, and so a password.
    const shownName = shown(name.replace(/:.+/s, ":..."));
    throw wrongType("HEADER_INVALID", `${shownName} is not the name of a header field`);
  }
  if (typeof value !== "string") {
    throw wrongType("HEADER_INVALID", `the value of the header field ${name} is not a string`);
  }
  if (!isFieldValue(value)) {
    const message = `the value of the header field ${name} has a control character or a character above U+00FF`;
    throw wrongType("HEADER_INVALID", message);
  }
  return `${name}: ${value}\r\n`;
}

/**
 * Formats the header fields of an application.
 *
 * @param isReserved whether only the library sets the field with this lower-case name
 * @throws TypeError HEADER_INVALID, naming the field, if it is reserved or cannot be sent
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
