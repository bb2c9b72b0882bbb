import { shown, wrongType } from "../arguments/index.ts";
import { parseHost } from "../http/host.ts";

/** Labels of a host name, at least one, such as "a" or "a.b". */
const LABELS = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/;
const SCHEME = /^[a-z][a-z0-9+.-]*$/;
const WILDCARD = "*.";
/** Replaces the wildcard while the host is checked. No rule about hosts changes this label. */
const SOME_LABEL = "subdomain.";

/**
 * Whether an entry of a list covers an Origin.
 *
 * - `"*"` covers every origin.
 * - `"https://*.example.com"` covers all subdomains of example.com at any depth, with this scheme and this port, but not
 *   example.com itself.
 * - Any other entry covers the same origin only, in any ASCII case.
 */
export function coversOrigin(entry: string, origin: string): boolean {
  if (entry === "*") return true;
  const allowed = entry.toLowerCase();
  const given = origin.toLowerCase();
  const wildcard = allowed.indexOf(WILDCARD);
  if (wildcard < 0) return allowed === given;
  const before = allowed.slice(0, wildcard);
  const behind = allowed.slice(wildcard + WILDCARD.length - 1);
  if (!given.startsWith(before) || !given.endsWith(behind)) return false;
  return LABELS.test(given.slice(before.length, -behind.length));
}

/** The lists that were checked. A list is used for many requests but checked once. */
const checked = new WeakSet<readonly string[]>();

/**
 * Checks a list of origins once.
 *
 * @throws TypeError OPTION_INVALID for an entry that covers no origin, with the valid form if it can be guessed
 */
export function checkOriginList(list: readonly string[], name: string): void {
  if (checked.has(list)) return;
  for (const entry of list) checkEntry(entry, name);
  checked.add(list);
}

function checkEntry(entry: unknown, name: string): void {
  if (entry === "*") return;
  const right = typeof entry === "string" ? entryFor(entry.trim()) : null;
  if (typeof entry === "string" && right === entry.toLowerCase()) return;
  const forms = 'use "https://example.com", "https://*.example.com:8443" for subdomains, or a function';
  const advice = right === null ? forms : `did you mean ${shown(right)}?`;
  throw wrongType("OPTION_INVALID", `${name} has ${shown(entry)}, which no Origin can match: ${advice}`);
}

/** The valid entry that was probably meant, in lower case; null if none can be guessed. */
function entryFor(text: string): string | null {
  // Some apps load their pages from files.
  if (text === "file://" || text.toLowerCase() === "null") return text.toLowerCase();
  const schemeEnd = text.indexOf("://");
  const scheme = schemeEnd < 0 ? guessedScheme(text) : pageScheme(text.slice(0, schemeEnd).toLowerCase());
  const authority = schemeEnd < 0 ? text.replace(NO_AUTHORITY, "") : text.slice(schemeEnd + 3);
  if (!SCHEME.test(scheme)) return null;
  if (scheme !== "http" && scheme !== "https") return appOrigin(scheme, authority.toLowerCase());
  return authority.startsWith("*") ? wildcardOrigin(scheme, authority) : pageOrigin(scheme, authority);
}

/** The text before the host if "://" is missing, as in "https:/example.com" and "//example.com". */
const NO_AUTHORITY = /^(?:(?:http|ws)s?:)?\/*/i;

/** Most pages of this machine are served over http, and most others over https. */
function guessedScheme(text: string): string {
  return /^(?:http:|ws:|localhost\b|127\.|\[::1\])/i.test(text) ? "http" : "https";
}

/** The scheme of the pages that usually open URLs with this scheme. */
function pageScheme(scheme: string): string {
  if (scheme === "ws") return "http";
  return scheme === "wss" ? "https" : scheme;
}

/** As browsers serialize the origin of a page (RFC 6454 section 6.2). */
function pageOrigin(scheme: string, authority: string): string | null {
  const url = `${scheme}://${authority}`;
  return !authority.includes("*") && URL.canParse(url) ? new URL(url).origin : null;
}

function wildcardOrigin(scheme: string, authority: string): string | null {
  const domain = authority.replace(/^\*\.?/, "");
  const origin = /^[^.:/]/.test(domain) ? pageOrigin(scheme, SOME_LABEL + domain) : null;
  return origin?.replace(SOME_LABEL, WILDCARD) ?? null;
}

/** The origin of an extension or an app, such as "chrome-extension://id". */
function appOrigin(scheme: string, authority: string): string | null {
  const host = authority.replace(/[/?#].*$/s, "");
  return parseHost(host) === null || host.endsWith(":") || host.includes("*") ? null : `${scheme}://${host}`;
}
