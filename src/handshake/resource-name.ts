import { parseTarget, type RequestTarget } from "../http/request-target.ts";

/** RFC 6455 section 4.2.1 names http and https. Some clients send the WebSocket URL itself. */
const SCHEMES: ReadonlySet<string | null> = new Set([null, "http", "https", "ws", "wss"]);

/** Parses the target of a request for a WebSocket (RFC 6455 section 4.2.1, item 1). @returns null if it is invalid */
export function parseResourceName(target: string): RequestTarget | null {
  const parsed = parseTarget(target);
  return parsed !== null && SCHEMES.has(parsed.scheme) ? parsed : null;
}

/**
 * The path of a request target as it was sent: percent-encoded, and without the query (RFC 6455 section 4.2.2, item 4).
 *
 * @returns null if the target is neither a path nor an absolute URI for a WebSocket
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { resourcePath } from "tautline/handshake";
 *
 * assert.equal(resourcePath("/chat%20room?user=1"), "/chat%20room");
 * assert.equal(resourcePath("http://example.com/chat"), "/chat");
 * assert.equal(resourcePath("*"), null);
 * ```
 */
export function resourcePath(target: string): string | null {
  return parseResourceName(target)?.path ?? null;
}
