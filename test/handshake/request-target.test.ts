import fc from "fast-check";
import { expect, test } from "vitest";
import { resourcePath } from "../../src/handshake/index.ts";
import { parseTarget } from "../../src/handshake/request-target.ts";

test.each([
  ["/", "/"],
  ["/chat", "/chat"],
  ["/chat?a=/b", "/chat"],
  ["/?", "/"],
  ["//", "//"],
  ["//evil.example/x", "//evil.example/x"],
  ["/a%20b", "/a%20b"],
  ["/../a", "/../a"],
  ["/{a}|b", "/{a}|b"],
])("RFC 9112 section 3.2.1: the path of the origin-form %j is %j, as it was sent", (target, path) => {
  expect(parseTarget(target)).toEqual({ authority: null, path });
});

test.each([
  ["http://example.com/chat?x", "example.com", "/chat"],
  ["HTTPS://Example.com:443/chat", "Example.com:443", "/chat"],
  ["http://example.com", "example.com", "/"],
  ["http://example.com?x=/y", "example.com", "/"],
  ["ws://[::1]:80/a", "[::1]:80", "/a"],
  ["wss://a//b", "a", "//b"],
])("RFC 9112 section 3.2.2: the absolute-form %j MUST be accepted", (target, authority, path) => {
  expect(parseTarget(target)).toEqual({ authority, path });
});

test.each([
  "",
  "*",
  "chat",
  "example.com:80",
  "?a",
  "/a#b",
  "/a#",
  "http://a/#",
  "/a b",
  "/a\tb",
  "/\u00e9",
  "/\xff",
  "/\x7f",
  "http:/a",
  "http:///a",
  "http://",
  "://a",
  "ftp://a/",
  "javascript://a/",
  "http://user@a/",
  "http://user:pw@a/",
  "http://a:b/",
  "http://a:99999/",
  "http://[::1/",
])("RFC 9112 section 3.2: %j is no target of a GET", (target) => {
  expect(parseTarget(target)).toBeNull();
  expect(resourcePath(target)).toBeNull();
});

test("the path is that of the URL parser, for paths without dots", () => {
  const segments = fc.array(fc.string({ unit: fc.constantFrom("a", "b", "%20", "-", "~"), minLength: 1 }), {
    minLength: 1,
  });
  fc.assert(
    fc.property(segments, fc.boolean(), fc.boolean(), (parts, isAbsolute, hasQuery) => {
      const path = `/${parts.join("/")}`;
      const target = `${isAbsolute ? "http://h.example:81" : ""}${path}${hasQuery ? "?q=/x?y" : ""}`;
      expect(resourcePath(target)).toBe(new URL(target, "http://h.example").pathname);
    }),
  );
});

test("random targets never throw", () => {
  const soup = fc.string({ unit: fc.constantFrom("/", ":", "?", "#", "http://", "a", "[", "]", "@", "%") });
  fc.assert(fc.property(fc.oneof(soup, fc.string({ unit: "binary" })), (target) => void parseTarget(target)));
});

test.each(["/", ":", "://", "?", "http://", "%"])("100 KB of %j behind a path are judged", (piece) => {
  expect(parseTarget(`/${piece.repeat(100_000 / piece.length)}`)).not.toBeNull();
});
