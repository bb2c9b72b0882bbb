import { type ConnectFailure, ConnectFailures } from "./connect-failures.ts";

const SHOWN_CHARS = 200;

/** Matches a WebSocket URL without a host. URL parsers only report that it is invalid. */
const HOSTLESS = /^wss?:[/\\]*(?![/\\])(?:[^/\\?#]*@)?(?::[0-9]*)?(?:[/\\?#]|$)/i;

/** The failures for schemes that have a counterpart for WebSockets. */
const OTHER_SCHEMES: Readonly<Record<string, ConnectFailure>> = {
  "http:": ConnectFailures.URL_HTTP,
  "https:": ConnectFailures.URL_HTTPS,
};

function textOf(input: unknown): string {
  try {
    return String(input);
  } catch {
    return "";
  }
}

function parse(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

/**
 * Parses a ws: or wss: URL without a fragment, not even an empty one (RFC 6455 section 3). It never throws.
 *
 * @returns a new URL, or why the input is not a WebSocket URL
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseWebSocketUrl } from "tautline/handshake";
 *
 * const url = parseWebSocketUrl("wss://example.com/chat");
 * assert.ok(url instanceof URL);
 *
 * const failure = parseWebSocketUrl("https://example.com/chat");
 * if (failure instanceof URL) assert.fail();
 * assert.equal(failure.code, "URL_INVALID");
 * assert.equal(failure.message, "the scheme of the URL is https:, use wss: instead");
 * ```
 */
export function parseWebSocketUrl(input: string | URL): URL | ConnectFailure {
  const text = textOf(input);
  const url = parse(text);
  if (url === null) {
    return HOSTLESS.test(text.trim()) ? ConnectFailures.URL_HOST_MISSING : ConnectFailures.URL_UNPARSEABLE;
  }
  const { protocol } = url;
  if (protocol !== "ws:" && protocol !== "wss:") return OTHER_SCHEMES[protocol] ?? ConnectFailures.URL_SCHEME_UNKNOWN;
  return url.href.includes("#") ? ConnectFailures.URL_FRAGMENT : url;
}

/** Everything before the last "@" may be a user and a password, which may contain any character. */
function withoutUserinfo(afterScheme: string): string {
  const at = afterScheme.lastIndexOf("@");
  return at >= 0 ? `***${afterScheme.slice(at)}` : afterScheme.replace(/^[^/\\?#]*%40/i, "***@");
}

/** Formats a URL for an error: shortened, and without user, password and query. It never throws. */
export function shownUrl(input: unknown): string {
  const text = textOf(input);
  const [scheme = ""] = /^\s*[a-z][a-z0-9+.-]*:[/\\]+/i.exec(text) ?? [];
  const shown = scheme + withoutUserinfo(text.slice(scheme.length)).replace(/\?[^#]+/, "?***");
  return JSON.stringify(shown.length > SHOWN_CHARS ? `${shown.slice(0, SHOWN_CHARS)}...` : shown);
}
