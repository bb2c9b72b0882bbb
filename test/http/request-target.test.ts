import fc from "fast-check";
import { expect, test } from "vitest";
import { parseTarget } from "../../src/http/request-target.ts";

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
  expect(parseTarget(target)).toEqual({ scheme: null, authority: null, path });
});

test.each([
  ["http://example.com/chat?x", "http", "example.com", "/chat"],
  ["HTTPS://Example.com:443/chat", "https", "Example.com:443", "/chat"],
  ["http://example.com", "http", "example.com", "/"],
  ["http://example.com?x=/y", "http", "example.com", "/"],
  ["a+b-c.1://[::1]:80/a", "a+b-c.1", "[::1]:80", "/a"],
  ["ftp://a//b", "ftp", "a", "//b"],
])("RFC 9112 section 3.2.2: the absolute-form %j is parsed", (target, scheme, authority, path) => {
  expect(parseTarget(target)).toEqual({ scheme, authority, path });
});

test.each([
  ...["", "*", "chat", "example.com:80", "?a", "/a#b", "/a#", "http://a/#", "/a b", "/a\tb", "/\u00e9", "/\xff"],
  ...["/\x7f", "http:/a", "http:///a", "http://", "://a", "1a://b", "a_b://c", "http://user@a/", "http://user:pw@a/"],
  ...["http://a:b/", "http://a:99999/", "http://[::1/"],
])("RFC 9112 section 3.2: %j has neither form", (target) => {
  expect(parseTarget(target)).toBeNull();
});

test("a path without dot segments is the path that the URL parser finds", () => {
  const segments = fc.array(fc.string({ unit: fc.constantFrom("a", "b", "%20", "-", "~"), minLength: 1 }), {
    minLength: 1,
  });
  fc.assert(
    fc.property(segments, fc.boolean(), fc.boolean(), (parts, isAbsolute, hasQuery) => {
      const path = `/${parts.join("/")}`;
      const target = `${isAbsolute ? "http://h.example:81" : ""}${path}${hasQuery ? "?q=/x?y" : ""}`;
      expect(parseTarget(target)?.path).toBe(new URL(target, "http://h.example").pathname);
    }),
  );
});

test("random text gives a target with a path, or null, and never an exception", () => {
  const soup = fc.string({ unit: fc.constantFrom("/", ":", "?", "#", "http://", "a", "[", "]", "@", "%") });
  fc.assert(
    fc.property(fc.oneof(soup, fc.string({ unit: "binary" })), (text) => {
      const target = parseTarget(text);
      if (target !== null) expect(target.path).toMatch(/^\/[^?#]*$/);
    }),
  );
});

test.each(["/", ":", "://", "?", "http://", "%"])("100 KB of %j behind a path are parsed", (piece) => {
  expect(parseTarget(`/${piece.repeat(100_000 / piece.length)}`)).not.toBeNull();
});
