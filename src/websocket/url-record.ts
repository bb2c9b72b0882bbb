import { shownUrl } from "../handshake/websocket-url.ts";

/** The schemes that a WebSocket URL may have, and what each becomes. */
const SCHEMES: Readonly<Record<string, "ws:" | "wss:">> = {
  "ws:": "ws:",
  "wss:": "wss:",
  "http:": "ws:",
  "https:": "wss:",
};

/**
 * Makes the URL record of a socket: steps 1 to 7 of the constructor in the WHATWG WebSockets standard.
 *
 * @param url a USVString; relative if there is a base
 * @param base what a relative URL is relative to; by default the page's address, if there is one: `location.href`
 * @throws DOMException SyntaxError for a URL that cannot be parsed, has another scheme than ws, wss, http and https, or
 *   has a fragment
 */
export function urlRecord(url: string, base: string | undefined = locationOf("href")): URL {
  const record = parse(url, base);
  const scheme = SCHEMES[record.protocol];
  if (scheme === undefined) {
    throw syntaxError(`the scheme of the URL ${shownUrl(url)} must be ws, wss, http or https, not ${record.protocol}`);
  }
  record.protocol = scheme;
  // An empty fragment is one as well. Everywhere else in a serialized URL a "#" is escaped.
  if (record.href.includes("#")) throw syntaxError(`the URL ${shownUrl(url)} has a fragment`);
  return record;
}

/** A part of `globalThis.location`, which node does not have; `undefined` without it. */
export function locationOf(part: "href" | "origin"): string | undefined {
  const { location } = globalThis as { location?: { readonly href?: unknown; readonly origin?: unknown } | null };
  const value = location?.[part];
  return typeof value === "string" ? value : undefined;
}

function parse(url: string, base: string | undefined): URL {
  try {
    return new URL(url, base);
  } catch {
    const against = base === undefined ? " and there is no base for a relative one" : ` against ${shownUrl(base)}`;
    throw syntaxError(`the URL ${shownUrl(url)} cannot be parsed${against}`);
  }
}

function syntaxError(message: string): DOMException {
  return new DOMException(message, "SyntaxError");
}
