import { isToken } from "../extensions/token.ts";
import { isKey } from "./accept-key.ts";
import { type ExtraHeaders, fieldLine, fieldLines, isHandshakeField } from "./field-lines.ts";
import { parseHost } from "./host.ts";

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

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function hasField(headers: ExtraHeaders, lowerCaseName: string): boolean {
  return Object.keys(headers).some((name) => name.toLowerCase() === lowerCaseName);
}

/** The URL's user and password as Basic credentials (RFC 7617), unless the application gives its own. */
function authorizationLine({ url, headers }: ClientOffer): string {
  if ((url.username === "" && url.password === "") || hasField(headers, "authorization")) return "";
  const credentials = `${decoded(url.username)}:${decoded(url.password)}`;
  return fieldLine("Authorization", `Basic ${Buffer.from(credentials).toString("base64")}`);
}

/** The one Host field: the application's, or host and port of the URL, where `host` leaves a default port out. */
function hostLine({ url, headers }: ClientOffer): string {
  const given = Object.entries(headers).filter(([name]) => name.toLowerCase() === "host");
  const hosts = given.flatMap(([, value]) => value);
  if (given.length > 0 && hosts.length !== 1) throw new TypeError("the header field Host must stand once");
  const host = hosts[0] ?? url.host;
  if (typeof host !== "string" || parseHost(host) === null)
    throw new TypeError("the header field Host is not a host with an optional port");
  return fieldLine("Host", host);
}

/** The application's fields, but for Host, which stands first. */
function extraLines({ headers }: ClientOffer): string {
  const others = Object.entries(headers).filter(([name]) => name.toLowerCase() !== "host");
  return fieldLines(Object.fromEntries(others), isHandshakeField);
}

/** "non-empty strings ... and MUST all be unique strings", that is, tokens (RFC 6455 section 4.1, item 10). */
function protocolLine(protocols: readonly string[]): string {
  const seen = new Set<string>();
  for (const protocol of protocols) {
    const shown = JSON.stringify(protocol);
    if (typeof protocol !== "string" || !isToken(protocol)) throw new TypeError(`the subprotocol ${shown} is no token`);
    if (seen.has(protocol)) throw new TypeError(`the subprotocol ${shown} is given twice`);
    seen.add(protocol);
  }
  return protocols.length === 0 ? "" : fieldLine("Sec-WebSocket-Protocol", protocols.join(", "));
}

/**
 * The whole head of the request that asks for a WebSocket (RFC 6455 section 4.1), for writing as latin1.
 *
 * @throws TypeError naming the subprotocol or the header field that cannot be sent.
 */
export function formatRequest(offer: ClientOffer): string {
  const { url, key, extensions } = offer;
  if (!isKey(key)) throw new TypeError("the key is not the base64 form of 16 bytes");
  return [
    `GET ${url.pathname}${url.search} HTTP/1.1\r\n`,
    hostLine(offer),
    "Upgrade: websocket\r\nConnection: Upgrade\r\n",
    `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n`,
    protocolLine(offer.protocols),
    extensions === "" ? "" : fieldLine("Sec-WebSocket-Extensions", extensions),
    authorizationLine(offer),
    extraLines(offer),
    "\r\n",
  ].join("");
}
