import fc from "fast-check";
import { expect, test } from "vitest";
import { parseHost } from "../../src/http/host.ts";

test.each([
  ["example.com", "example.com", ""],
  ["EXAMPLE.com:80", "example.com", "80"],
  ["localhost:65535", "localhost", "65535"],
  ["a_b", "a_b", ""],
  ["127.0.0.1:8080", "127.0.0.1", "8080"],
  ["[::1]", "[::1]", ""],
  ["[2001:DB8::1]:443", "[2001:db8::1]", "443"],
  ["[::ffff:127.0.0.1]", "[::ffff:127.0.0.1]", ""],
  ["a%2Fb", "a%2fb", ""],
  ["example.com:", "example.com", ""],
])("RFC 9112 section 3.2: %j is a host", (text, name, port) => {
  expect(parseHost(text)).toEqual({ name, port });
});

test.each([
  "",
  ":80",
  "a:65536",
  "a:99999999999",
  "a:8o",
  "a:-1",
  "a:80:80",
  "::1",
  "[::1",
  "[::1]x",
  "[::1]x:80",
  "[]",
  "[g::1]",
  "[1.2.3.4]",
  "[::1%25eth0]",
  "a b",
  " a",
  "a/b",
  "a?b",
  "a#b",
  "user@a",
  "a\\b",
  "http://a",
  "a%2",
  "a%zz",
  "\u00e9",
  "a, b",
])("RFC 9112 section 3.2: %j is not a host", (text) => {
  expect(parseHost(text)).toBeNull();
});

test("the host that the URL parser finds in a URL is a host here too", () => {
  fc.assert(
    fc.property(fc.webUrl({ withFragments: false }), (url) => {
      const { host, hostname } = new URL(url);
      expect(parseHost(host)?.name).toBe(hostname);
    }),
  );
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      const { host } = new URL(`ws://[${address}]:81`);
      expect(parseHost(host)).toEqual({ name: host.slice(0, -3), port: "81" });
    }),
  );
});

test("random text gives a host with a name, or null, and never an exception", () => {
  const soup = fc.string({ unit: fc.constantFrom("[", "]", ":", "%", "1", "a", ".", "/", "\u00e9") });
  fc.assert(
    fc.property(fc.oneof(soup, fc.string({ unit: "binary" })), (text) => {
      const host = parseHost(text);
      if (host !== null) expect(host.name).not.toBe("");
    }),
  );
});

test.each(["a", "[", "%", ":", "[:", "%41"])("100 KB of %j are parsed", (piece) => {
  const text = piece.repeat(100_000 / piece.length);
  expect(parseHost(text) === null).toBe(piece !== "a" && piece !== "%41");
});
