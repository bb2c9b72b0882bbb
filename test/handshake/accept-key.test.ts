import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { acceptKeyFor, createKey, isKey } from "../../src/handshake/accept-key.ts";

test("RFC 6455 section 4.2.2: the example's key has the example's Sec-WebSocket-Accept", () => {
  expect(acceptKeyFor("dGhlIHNhbXBsZSBub25jZQ==")).toBe("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
});

test("RFC 6455 section 4.2.2: Sec-WebSocket-Accept is the base64 form of the SHA-1 of the key as text and the GUID", () => {
  fc.assert(
    fc.property(fc.base64String(), (key) => {
      const sum = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
      expect(acceptKeyFor(key)).toBe(sum);
    }),
  );
});

test("RFC 6455 section 4.1, item 7: a key MUST be 16 bytes in base64, and a new one for each connection", () => {
  const keys = Array.from({ length: 1000 }, createKey);
  expect(keys.every((key) => isKey(key) && Buffer.from(key, "base64").length === 16)).toBe(true);
  expect(new Set(keys).size).toBe(1000);
});

test.each(["dGhlIHNhbXBsZSBub25jZQ==", "AQIDBAUGBwgJCgsMDQ4PEC==", "+++++++++++///////////=="])(
  "RFC 6455 section 4.2.1, item 5: %s is a valid key, canonical or not",
  (value) => {
    expect(isKey(value)).toBe(true);
    expect(Buffer.from(value, "base64")).toHaveLength(16);
  },
);

test.each([
  "",
  "==",
  "dGhlIHNhbXBsZSBub25jZQ",
  "dGhlIHNhbXBsZSBub25jZQ=",
  "dGhlIHNhbXBsZSBub25jZQ===",
  "dGhlIHNhbXBsZSBub25jZ===",
  "dGhlIHNhbXBsZSBub25jZQ= =",
  "dGhlIHNhbXBsZSBub25jZQA==",
  "dGhlIHNhbXBsZSBub25jZ==",
  "dGhlIHNhbXBsZSBub25jZQ==x",
  "dGhlIHNhbXBsZS-ub25jZQ==",
  "dGhlIHNhbXBsZS_ub25jZQ==",
  "dGhlIHNhbXBsZS ub25jZQ==",
  "dGhlIHNhbXBsZS\u00e9ub25jZQ==",
  "A".repeat(100_000),
])("RFC 6455 section 4.2.1, item 5: %j is not a valid key", (value) => {
  expect(isKey(value)).toBe(false);
});

test("any 16 bytes in base64 are a valid key, and no other number of bytes is", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 32 }), (value) => {
      expect(isKey(Buffer.from(value).toString("base64"))).toBe(value.length === 16);
    }),
  );
});
