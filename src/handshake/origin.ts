import { parseHost } from "../http/host.ts";
import { quoted } from "../http/quoted.ts";
import type { RequestHead } from "../http/request-head.ts";
import { synchronousResult } from "./hook-result.ts";
import { checkOriginList, coversOrigin } from "./origin-list.ts";
import { parseResourceName } from "./resource-name.ts";

/**
 * The web pages that may connect: all (`"*"`), those with the listed origins, such as `"https://example.com"`, or those
 * for which a function returns `true`. The function may not be asynchronous.
 *
 * In a list, `"https://*.example.com"` stands for all subdomains of example.com at any depth, but not for example.com
 * itself. Scheme and port have no wildcard. A default port is omitted; any other port must be given. `"null"` is the
 * Origin of sandboxed frames and of files. It admits every page, because every page can open such a frame.
 */
export type OriginPolicy = "*" | readonly string[] | ((origin: string, request: RequestHead) => boolean);

/** The host name in a serialized origin, scheme "://" host [ ":" port ] (RFC 6454 section 6.2); null if there is none. */
function hostNameOfOrigin(origin: string): string | null {
  const schemeEnd = origin.indexOf("://");
  return schemeEnd <= 0 ? null : (parseHost(origin.slice(schemeEnd + 3))?.name ?? null);
}

/** The host of the request: that of the target if it has one, or else that of Host (RFC 9112 section 3.2.2). */
function authorityOfRequest(request: RequestHead): string | undefined {
  return parseResourceName(request.target)?.authority ?? request.fields.get("host");
}

function hostNameOfRequest(request: RequestHead): string | null {
  const authority = authorityOfRequest(request);
  return authority === undefined ? null : (parseHost(authority)?.name ?? null);
}

/** Whether a name is one of this machine. No other machine can serve pages under them, so they count as one host. */
function isLoopback(name: string): boolean {
  return name === "localhost" || name === "127.0.0.1" || name === "[::1]";
}

function isSameHost(origin: string, request: RequestHead): boolean {
  const from = hostNameOfOrigin(origin);
  const to = hostNameOfRequest(request);
  if (from === null || to === null) return false;
  return from === to || (isLoopback(from) && isLoopback(to));
}

/**
 * Whether a policy admits the Origin of a request (RFC 6455 section 10.2).
 *
 * - A request without an Origin is admitted: it does not come from a browser (section 4.2.1, item 7), and only browsers
 *   need this check.
 * - Without a policy, the Origin and the request must have the same host name; "localhost", "127.0.0.1" and "[::1]"
 *   count as one. Scheme and port are not compared: cookies, which a foreign page would misuse, depend on neither, and a
 *   proxy that ends TLS changes both. "null", the Origin of sandboxed pages and files, is not admitted.
 * - `"*"`, alone or in a list, admits every origin. Any other entry of a list is a whole origin, in any ASCII case, or
 *   has a wildcard for subdomains.
 * - A function admits an origin by returning `true`. Its exceptions are passed on.
 *
 * A request with several Origin header fields is never admitted.
 *
 * @throws TypeError OPTION_INVALID for an entry of a list that no Origin can match, and if the function returns a promise
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { isOriginAllowed, isRefusal, parseRequestHead } from "tautline/handshake";
 *
 * const head = parseRequestHead("GET / HTTP/1.1\r\nHost: example.com\r\nOrigin: https://app.example.com");
 * if (isRefusal(head)) assert.fail();
 * assert.equal(isOriginAllowed(head, undefined), false);
 * assert.equal(isOriginAllowed(head, ["https://*.example.com"]), true);
 * assert.equal(isOriginAllowed(head, (origin) => origin.endsWith(".example.com")), true);
 * ```
 */
export function isOriginAllowed(request: RequestHead, policy: OriginPolicy | undefined): boolean {
  const [origin, ...more] = request.fields.all("origin");
  if (origin === undefined) return true;
  if (more.length > 0) return false;
  if (policy === undefined) return isSameHost(origin, request);
  if (policy === "*") return true;
  if (typeof policy === "function") return synchronousResult(policy(origin, request), "origins") === true;
  checkOriginList(policy, "origins");
  return policy.some((entry) => coversOrigin(entry, origin));
}

const SHOWN_ORIGINS = 10;

function shownList(list: readonly string[]): string {
  const shown = list.slice(0, SHOWN_ORIGINS).map(quoted).join(", ");
  const more = list.length - SHOWN_ORIGINS;
  return more > 0 ? `${shown} and ${more} more` : shown;
}

/**
 * Describes why the Origin of a request was refused, for the server's own logs: short and in printable ASCII. The text
 * may list the allowed origins, which the client must not learn.
 */
export function originMismatch(request: RequestHead, policy: OriginPolicy | undefined): string {
  const origin = quoted(request.fields.get("origin") ?? "");
  if (typeof policy === "function") return `the function "origins" did not return true for ${origin}`;
  if (policy === undefined) {
    return `${origin} is not of the request's host, ${quoted(authorityOfRequest(request) ?? "")}`;
  }
  return `${origin} is not one of [${shownList(typeof policy === "string" ? [policy] : policy)}]`;
}
