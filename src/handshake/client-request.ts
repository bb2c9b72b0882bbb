import { invalidOption, type OptionsForm, type Rule, readOptions, wrongType } from "../arguments/index.ts";
import { isKey } from "./accept-key.ts";
import { type ExtraHeaders, type HeaderEntry, headerEntries } from "./extra-headers.ts";
import { fieldLine, fieldLines, isHandshakeField } from "./field-lines.ts";
import { parseHost } from "./host.ts";
import { offeredSubprotocols } from "./subprotocols.ts";

/** What a request for a WebSocket is made from. */
export interface ClientOffer {
  /** From `parseWebSocketUrl`. */
  readonly url: URL;
  /** From `createKey`: a new one for each attempt. */
  readonly key: string;
  /** In the order of preference; each a token, none twice. */
  readonly protocols: readonly string[];
  /** The value of Sec-WebSocket-Extensions; "" for none. */
  readonly extensions: string;
  /** Further fields; Host and Authorization replace those made from the URL. */
  readonly headers: ExtraHeaders;
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

/** The URL's user and password as Basic credentials (RFC 7617), unless the application gives its own. */
function authorizationLine(url: URL, fields: readonly HeaderEntry[]): string {
  if ((url.username === "" && url.password === "") || fieldsNamed(fields, "authorization").length > 0) return "";
  const credentials = Buffer.concat([percentDecoded(url.username), Buffer.from(":"), percentDecoded(url.password)]);
  return fieldLine("Authorization", `Basic ${credentials.toString("base64")}`);
}

/** The one Host field: the application's, or host and port of the URL, where `host` leaves a default port out. */
function hostLine(url: URL, given: readonly HeaderEntry[]): string {
  const hosts = given.length === 0 ? [url.host] : given.flatMap(([, values]) => values);
  const [host = "", ...more] = hosts;
  if (hosts.length === 0 || more.length > 0) throw wrongType("HEADER_INVALID", "the header field Host must occur once");
  if (parseHost(host) !== null) return fieldLine("Host", host);
  throw wrongType("HEADER_INVALID", "the header field Host is not a host with an optional port");
}

/** "non-empty strings ... and MUST all be unique strings", that is, tokens (RFC 6455 section 4.1, item 10). */
function protocolLine(protocols: readonly string[]): string {
  return protocols.length === 0 ? "" : fieldLine("Sec-WebSocket-Protocol", protocols.join(", "));
}

const parsedUrl: Rule<URL> = (value, name) => {
  if (value instanceof URL) return value;
  throw invalidOption(name, "what parseWebSocketUrl() returns", value);
};

const key: Rule<string> = (value, name) => {
  if (typeof value === "string" && isKey(value)) return value;
  throw invalidOption(name, "the base64 form of 16 bytes, as createKey() makes it", value);
};

const text: Rule<string> = (value, name) => {
  if (typeof value === "string") return value;
  throw invalidOption(name, "a string", value);
};

const OFFER = {
  owner: "formatRequest()",
  rules: {
    url: parsedUrl,
    key,
    protocols: offeredSubprotocols,
    extensions: text,
    headers: headerEntries as Rule<readonly HeaderEntry[]>,
  } as const satisfies Record<keyof ClientOffer, Rule>,
} satisfies OptionsForm<Record<string, Rule>>;

/**
 * The whole head of the request that asks for a WebSocket (RFC 6455 section 4.1), for writing as latin1.
 *
 * @throws TypeError naming the subprotocol or the header field that cannot be sent.
 */
export function formatRequest(offer: ClientOffer): string {
  const { url, key, protocols = [], extensions = "", headers = [] } = readOptions(offer, OFFER);
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
