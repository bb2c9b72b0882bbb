import { hash, randomBytes } from "node:crypto";
import { shown, wrongType } from "../arguments/index.ts";

/** RFC 6455 section 1.3. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

const KEY = /^[A-Za-z0-9+/]{22}==$/;

/**
 * Makes a Sec-WebSocket-Key: 16 random bytes in base64 (RFC 6455 section 4.1, item 7). Each attempt needs a new one.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createKey, isKey } from "tautline/handshake";
 *
 * const key = createKey();
 * assert.ok(isKey(key));
 * assert.notEqual(key, createKey());
 * ```
 */
export function createKey(): string {
  return randomBytes(16).toString("base64");
}

/**
 * The Sec-WebSocket-Accept that matches a key (RFC 6455 section 4.2.2, item 5). The key is hashed as text, not decoded.
 *
 * @param key the Sec-WebSocket-Key of the request
 * @throws TypeError ARGUMENT_INVALID for a key that is not a string
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { acceptKeyFor } from "tautline/handshake";
 *
 * // The example of RFC 6455 section 1.3.
 * assert.equal(acceptKeyFor("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
 * ```
 */
export function acceptKeyFor(key: string): string {
  if (typeof key !== "string") throw wrongType("ARGUMENT_INVALID", `a key must be a string, not ${shown(key)}`);
  return hash("sha1", key + GUID, "base64");
}

/**
 * Whether a value is 16 bytes in base64: 22 characters and "==" (RFC 6455 section 4.2.1, item 5). The last four bits of
 * the 22nd character are unused and may have any value: RFC 6455 itself has the example "AQIDBAUGBwgJCgsMDQ4PEC==".
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { isKey } from "tautline/handshake";
 *
 * assert.equal(isKey("dGhlIHNhbXBsZSBub25jZQ=="), true);
 * assert.equal(isKey("too short"), false);
 * ```
 */
export function isKey(value: string): boolean {
  return KEY.test(value);
}
