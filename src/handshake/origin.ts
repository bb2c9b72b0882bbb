import { synchronousResult } from "./hook-result.ts";
import { parseHost } from "./host.ts";
import { checkOriginList, coversOrigin } from "./origin-list.ts";
import { quoted } from "./quoted.ts";
import type { RequestHead } from "./request-head.ts";
import { parseTarget } from "./request-target.ts";

/**
 * Which web pages may connect: all (`"*"`), those with these origins, such as `"https://example.com"`, or
 * those that the function returns `true` for. It may not be asynchronous.
 *
 * In a list, `"https://*.example.com"` stands for all subdomains of example.com at any depth, but not for example.com
 * itself. Scheme and port have no wildcard: a default port is left out, any other must be given. `"null"` is the
 * Origin of sandboxed frames and of files: to allow it allows any page, since every page can open such a frame.
 */
export type OriginPolicy = "*" | readonly string[] | ((origin: string, request: RequestHead) => boolean);

/** The host name in a serialized origin, scheme "://" host [ ":" port ] (RFC 6454 section 6.2); null without one. */
function hostNameOfOrigin(origin: string): string | null {
  const schemeEnd = origin.indexOf("://");
  return schemeEnd <= 0 ? null : (parseHost(origin.slice(schemeEnd + 3))?.name ?? null);
}

/**
 * The host that the request is for: that of the target, if it has one, or else that of Host (RFC 9112 section 3.2.2).
 */
function authorityOfRequest(request: RequestHead): string | undefined {
  return parseTarget(request.target)?.authority ?? request.fields.get("host");
}

function hostNameOfRequest(request: RequestHead): string | null {
  const authority = authorityOfRequest(request);
  return authority === undefined ? null : (parseHost(authority)?.name ?? null);
}

/** The names of this machine. Nobody else can serve a page under one, so they count as the same host. */
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
 * Whether a request may come from where its Origin says (RFC 6455 section 10.2).
 *
 * - Without an Origin it may: it does not come from a browser (section 4.2.1), which the check is for.
 * - Without a policy, the host name in the Origin must be the host name that the request is for; "localhost",
 *   "127.0.0.1" and "[::1]" count as one. Scheme and port are not compared: the cookies that a foreign page
 *   would ride on are bound to neither, and a proxy that ends TLS changes both. "null", which stands for sandboxed pages and files, is refused.
 * - `"*"`, alone or in a list, allows any; another entry of a list is the whole origin, in any ASCII case, or has a
 *   wildcard for subdomains.
 * - A function decides by itself, and only by `true`; what it throws is passed on.
 *
 * More than one Origin header field is never allowed.
 *
 * @throws TypeError for an entry of a list that no Origin can match, and for a promise that the function returns.
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
 * Describes what the Origin of a refused request was compared with, for the server's own logs: it may name the origins
 * that are allowed, which the client must not learn. It is bounded, and printable ASCII.
 */
export function originMismatch(request: RequestHead, policy: OriginPolicy | undefined): string {
  const origin = quoted(request.fields.get("origin") ?? "");
  if (typeof policy === "function") return `the function "origins" did not return true for ${origin}`;
  if (policy === undefined)
    return `${origin} is not of the request's host, ${quoted(authorityOfRequest(request) ?? "")}`;
  return `${origin} is not one of [${shownList(typeof policy === "string" ? [policy] : policy)}]`;
}
