import { invalidOption, type OptionsForm, type Rule, readOptions, wrongType } from "../arguments/index.ts";
import { type ExtraHeaders, type HeaderEntry, headerEntries } from "../http/extra-headers.ts";
import { fieldLine, fieldLines } from "../http/field-lines.ts";
import { parseHost } from "../http/host.ts";
import { isKey } from "./accept-key.ts";
import { isHandshakeField } from "./reserved-fields.ts";
import { offeredSubprotocols } from "./subprotocols.ts";

/** The parts of a request for a WebSocket. */
export interface RequestParts {
  /** The result of `parseWebSocketUrl()`. */
  readonly url: URL;
  /** The result of `createKey()`: a new key for each attempt. */
  readonly key: string;
  /** Unique tokens in the order of preference; none by default. */
  readonly protocols?: readonly string[] | undefined;
  /** The value of Sec-WebSocket-Extensions, as from `formatExtensionHeader()`; "", which is the default, for none. */
  readonly extensions?: string | undefined;
  /** Further fields, of which Host and Authorization replace those made from the URL; none by default. */
  readonly headers?: ExtraHeaders | undefined;
}

/** The bytes of a part of a URL (the URL standard, "percent-decode"); a "%" without two hex digits stands for itself. */
function percentDecoded(part: string): Buffer {
  // In a parsed URL everything past ASCII is percent-encoded.
  return Buffer.from(
    part.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    "latin1",
  );
}

function fieldsNamed(fields: readonly HeaderEntry[], lowerCaseName: string): readonly HeaderEntry[] {
  return fields.filter(([name]) => name.toLowerCase() === lowerCaseName);
}

/** The user and password of the URL as Basic credentials (RFC 7617), unless the application has set the field. */
function authorizationLine(url: URL, fields: readonly HeaderEntry[]): string {
  if ((url.username === "" && url.password === "") || fieldsNamed(fields, "authorization").length > 0) return "";
  const credentials = Buffer.concat([percentDecoded(url.username), Buffer.from(":"), percentDecoded(url.password)]);
  return fieldLine("Authorization", `Basic ${credentials.toString("base64")}`);
}

/** The one Host field: that of the application, or else host and port of the URL, whose `host` omits a default port. */
function hostLine(url: URL, given: readonly HeaderEntry[]): string {
  const hosts = given.length === 0 ? [url.host] : given.flatMap(([, values]) => values);
  const [host = "", ...more] = hosts;
  if (hosts.length === 0 || more.length > 0)
    throw wrongType("HEADER_INVALID", "the header field Host must have exactly one value");
  if (parseHost(host) !== null) return fieldLine("Host", host);
  throw wrongType("HEADER_INVALID", "the header field Host is not a host with an optional port");
}

/** RFC 6455 section 4.1, item 10. */
function protocolLine(protocols: readonly string[]): string {
  return protocols.length === 0 ? "" : fieldLine("Sec-WebSocket-Protocol", protocols.join(", "));
}

const parsedUrl: Rule<URL> = (value, name) => {
  if (value instanceof URL) return value;
  throw invalidOption(name, "a URL as parseWebSocketUrl() returns it", value);
};

const key: Rule<string> = (value, name) => {
  if (typeof value === "string" && isKey(value)) return value;
  throw invalidOption(name, "the base64 form of 16 bytes, as createKey() returns it", value);
};

const text: Rule<string> = (value, name) => {
  if (typeof value === "string") return value;
  throw invalidOption(name, "a string", value);
};

const PARTS = {
  owner: "formatRequest()",
  rules: {
    url: parsedUrl,
    key,
    protocols: offeredSubprotocols,
    extensions: text,
    headers: headerEntries as Rule<readonly HeaderEntry[]>,
  } as const satisfies Record<keyof RequestParts, Rule>,
} satisfies OptionsForm<Record<string, Rule>>;

/**
 * Formats the head of the request for a WebSocket (RFC 6455 section 4.1), to be written as latin1.
 *
 * @throws TypeError OPTION_INVALID, OPTION_UNKNOWN or ARGUMENT_INVALID for parts that are missing, unknown or invalid;
 *   TypeError HEADER_INVALID, naming the field, for a header field that cannot be sent or that only the library sets
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { formatExtensionHeader } from "tautline/extensions";
 * import { createKey, formatRequest, parseWebSocketUrl } from "tautline/handshake";
 *
 * const url = parseWebSocketUrl("ws://example.com:8080/chat");
 * if (!(url instanceof URL)) assert.fail(url.message);
 * const text = formatRequest({
 *   url,
 *   key: createKey(),
 *   protocols: ["chat.v2", "chat.v1"],
 *   extensions: formatExtensionHeader([{ name: "permessage-deflate", params: [] }]),
 *   headers: { Cookie: "session=1" },
 * });
 * assert.match(text, /^GET \/chat HTTP\/1\.1\r\nHost: example\.com:8080\r\n/);
 * assert.match(text, /Sec-WebSocket-Protocol: chat\.v2, chat\.v1\r\n/);
 * // socket.write(text, "latin1");
 * ```
 */
export function formatRequest(parts: RequestParts): string {
  const { url, key, protocols = [], extensions = "", headers = [] } = readOptions(parts, PARTS);
  if (url === undefined || key === undefined) {
    throw wrongType("OPTION_INVALID", "formatRequest() needs a url and a key");
  }
  const hosts = fieldsNamed(headers, "host");
  return [
    `GET ${url.pathname}${url.search} HTTP/1.1\r\n`,
    hostLine(url, hosts),
    "Upgrade: websocket\r\nConnection: Upgrade\r\n",
    `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n`,
    protocolLine(protocols),
    extensions === "" ? "" : fieldLine("Sec-WebSocket-Extensions", extensions),
    authorizationLine(url, headers),
    fieldLines(
      headers.filter((field) => !hosts.includes(field)),
      isHandshakeField,
    ),
    "\r\n",
  ].join("");
}
