import { invalidOption, outOfRange, shown, wrongType } from "../arguments/index.ts";
import type { ExtraHeaders } from "../http/extra-headers.ts";
import { fieldLine, fieldLines } from "../http/field-lines.ts";
import { reasonPhrase } from "../http/reason-phrases.ts";
import { isToken } from "../http/token.ts";
import { acceptKeyFor } from "./accept-key.ts";
import { isHandshakeField, isRefusalField } from "./reserved-fields.ts";

/** The parts of the response to an accepted request. */
export interface AcceptanceParts {
  /** The Sec-WebSocket-Key of the request. */
  readonly key: string;
  /** One of the offered subprotocols; null for none. */
  readonly protocol: string | null;
  /** The value of Sec-WebSocket-Extensions, as from `formatExtensionHeader()`; "" for none. */
  readonly extensions: string;
  /** Further fields, such as Set-Cookie; none by default. */
  readonly headers?: ExtraHeaders | undefined;
}

/** The parts of the response to a refused request. A `Refusal` and a `RefusalError` have them. */
export interface RefusalParts {
  /** 300 to 599, but not 304, which has no body. */
  readonly status: number;
  /** One sentence without a full stop, for the person who reads the response. */
  readonly message: string;
  /** The rule that was broken, such as "RFC 6455 section 4.2.1"; none by default. */
  readonly section?: string | undefined;
  /** Further fields, such as Location; none by default. */
  readonly headers?: ExtraHeaders | undefined;
}

function protocolLine(protocol: string | null): string {
  if (protocol === null) return "";
  if (typeof protocol !== "string" || !isToken(protocol)) throw invalidOption("protocol", "a token or null", protocol);
  return fieldLine("Sec-WebSocket-Protocol", protocol);
}

/**
 * Formats the head of the response that opens a connection (RFC 6455 section 4.2.2, item 5), to be written as latin1.
 *
 * @throws TypeError ARGUMENT_INVALID for a key that is not a string; TypeError OPTION_INVALID for a subprotocol that is
 *   not a token; TypeError HEADER_INVALID, naming the field, for a header field that cannot be sent or that only the
 *   library sets
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { formatAcceptance } from "tautline/handshake";
 *
 * const text = formatAcceptance({
 *   key: "dGhlIHNhbXBsZSBub25jZQ==",
 *   protocol: "chat",
 *   extensions: "",
 *   headers: { "Set-Cookie": ["a=1", "b=2"] },
 * });
 * assert.match(text, /^HTTP\/1\.1 101 Switching Protocols\r\n/);
 * assert.match(text, /Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r\n/);
 * // socket.write(text, "latin1");
 * ```
 */
export function formatAcceptance({ key, protocol, extensions, headers = {} }: AcceptanceParts): string {
  return (
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
    `Sec-WebSocket-Accept: ${acceptKeyFor(key)}\r\n` +
    protocolLine(protocol) +
    (extensions === "" ? "" : fieldLine("Sec-WebSocket-Extensions", extensions)) +
    fieldLines(headers, isHandshakeField) +
    "\r\n"
  );
}

/** The same sentence as in errors. The message of a `RefusalError` already contains its section. */
function bodyOf({ message, section = "" }: RefusalParts): string {
  const sentence = section === "" || message.includes(section) ? message : `${message} (${section})`;
  return sentence.endsWith(".") ? `${sentence}\n` : `${sentence}.\n`;
}

/** @throws TypeError or RangeError ARGUMENT_INVALID unless a refusal can have this status */
export function checkRefusalStatus(status: unknown): void {
  if (Number.isInteger(status) && Number(status) >= 300 && Number(status) <= 599 && status !== 304) return;
  const message = `a refusal cannot have the status ${shown(status)}: it is 300 to 599, and not 304`;
  throw (typeof status === "number" ? outOfRange : wrongType)("ARGUMENT_INVALID", message);
}

/**
 * Formats the whole response that refuses a request and says why, to be written as UTF-8. The connection ends after it.
 * With the status 426, Connection contains Upgrade too, which RFC 9110 section 7.8 demands of a sender of Upgrade.
 *
 * @throws RangeError or TypeError ARGUMENT_INVALID unless the status is 300 to 599 and not 304; TypeError
 *   HEADER_INVALID, naming the field, for a header field that cannot be sent or that only the library sets
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { formatRefusal } from "tautline/handshake";
 *
 * const text = formatRefusal({ status: 503, message: "come back later", headers: { "Retry-After": "60" } });
 * assert.match(text, /^HTTP\/1\.1 503 Service Unavailable\r\n/);
 * assert.ok(text.endsWith("\r\n\r\ncome back later.\n"));
 * // socket.end(text);
 * ```
 */
export function formatRefusal(refusal: RefusalParts): string {
  checkRefusalStatus(refusal.status);
  const body = bodyOf(refusal);
  return [
    `HTTP/1.1 ${refusal.status} ${reasonPhrase(refusal.status)}\r\n`,
    `Connection: ${refusal.status === 426 ? "Upgrade, close" : "close"}\r\n`,
    "Content-Type: text/plain; charset=utf-8\r\n",
    `Content-Length: ${Buffer.byteLength(body)}\r\n`,
    fieldLines(refusal.headers ?? {}, isRefusalField),
    "\r\n",
    body,
  ].join("");
}
