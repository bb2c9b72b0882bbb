import { type ConnectFailure, ConnectFailures } from "./connect-failures.ts";

const SHOWN_CHARS = 200;

/** A WebSocket URL whose authority is empty or has no host, which parsers only report as invalid. */
const HOSTLESS = /^wss?:[/\\]*(?![/\\])(?:[^/\\?#]*@)?(?::[0-9]*)?(?:[/\\?#]|$)/i;

/** The failures for schemes that have a WebSocket counterpart. */
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

/** Parses a ws: or wss: URL without a fragment, not even an empty one (RFC 6455 section 3). Never throws. */
export function parseWebSocketUrl(input: string | URL): URL | ConnectFailure {
  const text = textOf(input);
  const url = parse(text);
  if (url === null)
    return HOSTLESS.test(text.trim()) ? ConnectFailures.URL_HOST_MISSING : ConnectFailures.URL_UNPARSEABLE;
  const { protocol } = url;
  if (protocol !== "ws:" && protocol !== "wss:") return OTHER_SCHEMES[protocol] ?? ConnectFailures.URL_SCHEME_UNKNOWN;
  return url.href.includes("#") ? ConnectFailures.URL_FRAGMENT : url;
}

/** Everything before the last "@" may be a user and a password, whatever characters are in them. */
function withoutUserinfo(afterScheme: string): string {
  const at = afterScheme.lastIndexOf("@");
  return at >= 0 ? `***${afterScheme.slice(at)}` : afterScheme.replace(/^[^/\\?#]*%40/i, "***@");
}

/** Formats a URL for an error: shortened, and without user, password and query. Never throws. */
export function shownUrl(input: unknown): string {
  const text = textOf(input);
  const [scheme = ""] = /^\s*[a-z][a-z0-9+.-]*:[/\\]+/i.exec(text) ?? [];
  const shown = scheme + withoutUserinfo(text.slice(scheme.length)).replace(/\?[^#]+/, "?***");
  return JSON.stringify(shown.length > SHOWN_CHARS ? `${shown.slice(0, SHOWN_CHARS)}...` : shown);
}
