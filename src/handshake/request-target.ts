import { parseHost } from "./host.ts";

/** A request target in one of the two forms that GET may have (RFC 9112 sections 3.2.1 and 3.2.2). */
export interface RequestTarget {
  /** Host and port of the absolute-form; null in the origin-form. */
  readonly authority: string | null;
  /** The path as it was sent, percent signs and all, without the query; it begins with "/". */
  readonly path: string;
}

/** RFC 6455 section 4.2.1 names http and https; some clients put the WebSocket URI itself here. */
const SCHEMES = new Set(["http", "https", "ws", "wss"]);

/** Visible ASCII without "#": "Fragment identifiers ... MUST NOT be used on these URIs" (RFC 6455 section 3). */
function hasOnlyTargetChars(target: string): boolean {
  for (let at = 0; at < target.length; at++) {
    const code = target.charCodeAt(at);
    if (code < 0x21 || code > 0x7e || code === 0x23) return false;
  }
  return true;
}

function beforeQuery(text: string): string {
  const mark = text.indexOf("?");
  return mark < 0 ? text : text.slice(0, mark);
}

function parseAbsolute(target: string): RequestTarget | null {
  const schemeEnd = target.indexOf("://");
  if (!SCHEMES.has(target.slice(0, Math.max(0, schemeEnd)).toLowerCase())) return null;
  const hierarchy = beforeQuery(target.slice(schemeEnd + 3));
  const slash = hierarchy.indexOf("/");
  const authority = slash < 0 ? hierarchy : hierarchy.slice(0, slash);
  // A userinfo part is an error here (RFC 9110 section 4.2.4), and "@" is no character of a host.
  if (parseHost(authority) === null) return null;
  return { authority, path: slash < 0 ? "/" : hierarchy.slice(slash) };
}

/**
 * Parses a request target by hand, since `new URL("//", base)` throws where "//" is a path.
 *
 * @returns null when it is in no valid form.
 */
export function parseTarget(target: string): RequestTarget | null {
  if (!hasOnlyTargetChars(target)) return null;
  return target.startsWith("/") ? { authority: null, path: beforeQuery(target) } : parseAbsolute(target);
}

/** The path of a request target, not decoded and without its query; null when the target is in no valid form. */
export function resourcePath(target: string): string | null {
  return parseTarget(target)?.path ?? null;
}
