import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConnectFailures } from "../../src/handshake/connect-failures.ts";
import { parseWebSocketUrl, shownUrl } from "../../src/handshake/websocket-url.ts";

describe("parseWebSocketUrl", () => {
  test.each(["ws://a", "WSS://a:444/b?c", "ws://[::1]:80/", "ws://a/%23", "ws://u:p@a/", "ws:///a", "ws:a"])(
    "RFC 6455 section 3: %s is a WebSocket URL",
    (text) => {
      expect(parseWebSocketUrl(text)).toEqual(new URL(text));
      expect(parseWebSocketUrl(new URL(text))).toEqual(new URL(text));
    },
  );

  test.each(["ws://a#", "ws://a/#b", "ws://a/?b#c", "wss://a/b#"])(
    "RFC 6455 section 3: %s has a fragment, which MUST NOT be used",
    (text) => {
      expect(parseWebSocketUrl(text)).toBe(ConnectFailures.URL_FRAGMENT);
      expect(parseWebSocketUrl(new URL(text))).toBe(ConnectFailures.URL_FRAGMENT);
    },
  );

  test.each([
    "ws:",
    "ws://",
    "WSS:///",
    "ws://:80",
    "ws://:80/",
    "ws://?a",
    "ws://#a",
    " ws:// ",
    "ws://u:p@",
    "ws:\\",
  ])("RFC 6455 section 3: %j has no host", (text) => {
    expect(parseWebSocketUrl(text)).toBe(ConnectFailures.URL_HOST_MISSING);
  });

  test.each(["", "a", "/a", "//a", "127.0.0.1:80", "ws://a b", "ws://a:99999", "ws://[::1", "ws://u:p@a:x"])(
    "RFC 6455 section 3: %j cannot be parsed",
    (text) => {
      expect(parseWebSocketUrl(text)).toBe(ConnectFailures.URL_UNPARSEABLE);
    },
  );

  test.each([
    ["http://a", ConnectFailures.URL_HTTP],
    ["HTTPS://a", ConnectFailures.URL_HTTPS],
    ["ftp://a", ConnectFailures.URL_SCHEME_UNKNOWN],
    ["localhost:80", ConnectFailures.URL_SCHEME_UNKNOWN],
    ["http://a/#b", ConnectFailures.URL_HTTP],
  ])("RFC 6455 section 3: %j has another scheme, and the failure names the right one", (text, failure) => {
    expect(parseWebSocketUrl(text)).toBe(failure);
    expect(parseWebSocketUrl(new URL(text))).toBe(failure);
  });

  const unprintable = Object.create(null);
  test.each([undefined, null, 5, {}, Symbol("x"), unprintable])(
    "input that is not text is invalid, and never throws (case %#)",
    (input) => {
      expect(parseWebSocketUrl(input as unknown as string)).toBe(ConnectFailures.URL_UNPARSEABLE);
      expect(shownUrl(input)).toMatch(/^".*"$/);
    },
  );

  test("a URL object that is changed later does not change the result", () => {
    const input = new URL("ws://a/");
    const url = parseWebSocketUrl(input);
    input.pathname = "/b";
    expect(url).toEqual(new URL("ws://a/"));
  });
});

describe("a URL in an error message", () => {
  test.each([
    ["ws://a/b#c", "ws://a/b#c"],
    ["", ""],
    ["http://user:secret@a/b", "http://***@a/b"],
    ["http://secret@a", "http://***@a"],
    ["  http://user:secret@a", "  http://***@a"],
    ["ws:user:secret@a#b", "***@a#b"],
    ["user:secret@a", "***@a"],
    ["ws://user:sec/ret@a", "ws://***@a"],
    ["ws://user:1#secret@a", "ws://***@a"],
    ["ws://user:sec?ret@a", "ws://***@a"],
    ["ws://user:se@cret@a", "ws://***@a"],
    ["w\ns://user:secret@a", "***@a"],
    ["ws://user:sec\nret@a", "ws://***@a"],
    ["ws://user%3Asecret%40a/b%40c", "ws://***@a/b%40c"],
    ["http://a/b?token=secret#c", "http://a/b?***#c"],
    ["http://a/?", "http://a/?"],
  ])("shows neither user nor password nor query: %j", (text, shown) => {
    expect(shownUrl(text)).toBe(JSON.stringify(shown));
  });

  test("is shortened if it is very long", () => {
    expect(shownUrl(`http://a/${"b".repeat(100_000)}`)).toMatch(/^"http:\/\/a\/b{100,200}\.\.\."$/);
  });

  test("never shows the password, whatever characters it has", () => {
    const secret = fc.string({ unit: "grapheme", minLength: 1 }).map((text) => `s3${text}cr3t`);
    fc.assert(
      fc.property(
        fc.constantFrom("ws://", "http://", "wss:", "", "ws:\\\\"),
        secret,
        fc.constantFrom("@host", "@host/path", "@", "@host:99999/?a#b"),
        (scheme, password, rest) => {
          const shown = shownUrl(`${scheme}user:${password}${rest}`);
          expect(shown).not.toContain("s3");
          expect(shown).not.toContain("cr3t");
        },
      ),
    );
  });
});
