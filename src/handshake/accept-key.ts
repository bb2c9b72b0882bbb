import { hash, randomBytes } from "node:crypto";
import { shown, wrongType } from "../arguments/index.ts";

/** Known to WebSocket endpoints only (RFC 6455 section 1.3). */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

const KEY = /^[A-Za-z0-9+/]{22}==$/;

/** A new Sec-WebSocket-Key: 16 random bytes in base64 (RFC 6455 section 4.1, item 7). */
export function createKey(): string {
  return randomBytes(16).toString("base64");
}

/**
 * The Sec-WebSocket-Accept that answers a key; the key is hashed as text, not decoded (RFC 6455 section 4.2.2).
 *
 * @throws TypeError for a key that is not a string
 */
export function acceptKeyFor(key: string): string {
  if (typeof key !== "string") throw wrongType("ARGUMENT_INVALID", `a key must be a string, not ${shown(key)}`);
  return hash("sha1", key + GUID, "base64");
}

/**
 * Whether a value is 16 bytes in base64: 22 characters and "==". The four bits that stand over in the last
 * character may be anything, because RFC 6455's own example "AQIDBAUGBwgJCgsMDQ4PEC==" has them set.
 */
export function isKey(value: string): boolean {
  return KEY.test(value);
}
