import { invalidOption, outOfRange, shown, wrongType } from "../arguments/index.ts";
import { isToken } from "../extensions/token.ts";
import { acceptKeyFor } from "./accept-key.ts";
import type { ExtraHeaders } from "./extra-headers.ts";
import { fieldLine, fieldLines, isHandshakeField } from "./field-lines.ts";
import { reasonPhrase } from "./reason-phrases.ts";

/** What a 101 response is made from. */
export interface AcceptanceParts {
  /** The Sec-WebSocket-Key of the request. */
  readonly key: string;
  /** One of the subprotocols offered; null for none. */
  readonly protocol: string | null;
  /** The value of Sec-WebSocket-Extensions; "" for none. */
  readonly extensions: string;
  /** Further fields, such as Set-Cookie. */
  readonly headers?: ExtraHeaders | undefined;
}

/** What a refusing response is made from: a row of `Refusals`, a `RefusalError` or an application's own. */
export interface RefusalParts {
  /** 300 to 599, but not 304, which has no body. */
  readonly status: number;
  /** One sentence without a full stop, for the person who reads it. */
  readonly message: string;
  /** Where the rule stands that was broken. */
  readonly section?: string | undefined;
  readonly headers: ExtraHeaders;
}

function protocolLine(protocol: string | null): string {
  if (protocol === null) return "";
  if (typeof protocol !== "string" || !isToken(protocol)) throw invalidOption("protocol", "a token or null", protocol);
  return fieldLine("Sec-WebSocket-Protocol", protocol);
}

/**
 * The whole head of the response that opens a connection (RFC 6455 section 4.2.2, item 5), for writing as latin1.
 *
 * @throws TypeError naming the field, when an extra one cannot be sent or is the library's to set.
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

const OF_THE_BODY = new Set(["connection", "content-type", "content-length", "transfer-encoding"]);

/** The fields of a refusal that delimit its body and end the connection. */
export function isRefusalField(lowerCaseName: string): boolean {
  return OF_THE_BODY.has(lowerCaseName);
}

/** The sentence that errors have, too. A `RefusalError` names its section in the message already. */
function bodyOf({ message, section = "" }: RefusalParts): string {
  const sentence = section === "" || message.includes(section) ? message : `${message} (${section})`;
  return sentence.endsWith(".") ? `${sentence}\n` : `${sentence}.\n`;
}

/** @throws TypeError or RangeError ARGUMENT_INVALID unless it is a status that refuses */
export function checkRefusalStatus(status: unknown): void {
  if (Number.isInteger(status) && Number(status) >= 300 && Number(status) <= 599 && status !== 304) return;
  const message = `a refusal cannot have the status ${shown(status)}: it is 300 to 599, and not 304`;
  throw (typeof status === "number" ? outOfRange : wrongType)("ARGUMENT_INVALID", message);
}

/**
 * A whole response that refuses a request and says why, for writing as UTF-8; the connection ends after it.
 * With 426, Connection names Upgrade too, as RFC 9110 section 7.8 asks of whoever sends that field.
 *
 * @throws TypeError naming the field, when one cannot be sent or is the library's to set.
 * @throws RangeError when the status is not that of a refusal.
 */
export function formatRefusal(refusal: RefusalParts): string {
  checkRefusalStatus(refusal.status);
  const body = bodyOf(refusal);
  return [
    `HTTP/1.1 ${refusal.status} ${reasonPhrase(refusal.status)}\r\n`,
    `Connection: ${refusal.status === 426 ? "Upgrade, close" : "close"}\r\n`,
    "Content-Type: text/plain; charset=utf-8\r\n",
    `Content-Length: ${Buffer.byteLength(body)}\r\n`,
    fieldLines(refusal.headers, isRefusalField),
    "\r\n",
    body,
  ].join("");
}
