import { parseHost } from "./host.ts";

/** A request target in origin-form or in absolute-form (RFC 9112 sections 3.2.1 and 3.2.2). */
export interface RequestTarget {
  /** The scheme of the absolute-form in lower case; null in the origin-form. */
  readonly scheme: string | null;
  /** Host and port of the absolute-form; null in the origin-form. */
  readonly authority: string | null;
  /** The path as it was sent, percent-encoded and without the query; it begins with "/". */
  readonly path: string;
}

/** RFC 3986 section 3.1. */
const SCHEME = /^[a-z][a-z0-9+.-]*$/;

/** Visible ASCII without "#": neither form has a fragment. */
function hasOnlyTargetChars(target: string): boolean {
  for (let at = 0; at < target.length; at++) {
    const code = target.charCodeAt(at);
    if (code < 0x21 || code > 0x7e || code === 0x23) return false;
  }
  return true;
}

function withoutQuery(text: string): string {
  const mark = text.indexOf("?");
  return mark < 0 ? text : text.slice(0, mark);
}

function parseAbsolute(target: string): RequestTarget | null {
  const schemeEnd = target.indexOf("://");
  const scheme = target.slice(0, Math.max(0, schemeEnd)).toLowerCase();
  if (!SCHEME.test(scheme)) return null;
  const hierarchy = withoutQuery(target.slice(schemeEnd + 3));
  const slash = hierarchy.indexOf("/");
  const authority = slash < 0 ? hierarchy : hierarchy.slice(0, slash);
  // User information is an error here (RFC 9110 section 4.2.4), and "@" cannot be part of a host.
  if (parseHost(authority) === null) return null;
  return { scheme, authority, path: slash < 0 ? "/" : hierarchy.slice(slash) };
}

/**
 * Parses a request target. `new URL(target, base)` would not do: it throws for the path "//".
 *
 * @returns null if the target has neither form
 */
export function parseTarget(target: string): RequestTarget | null {
  if (!hasOnlyTargetChars(target)) return null;
  if (target.startsWith("/")) return { scheme: null, authority: null, path: withoutQuery(target) };
  return parseAbsolute(target);
}
