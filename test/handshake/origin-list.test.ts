import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isOriginAllowed } from "../../src/handshake/origin.ts";
import { checkOriginList, coversOrigin } from "../../src/handshake/origin-list.ts";
import type { RequestHead } from "../../src/http/request-head.ts";
import { argumentError } from "../support/argument-error.ts";
import { request } from "../support/heads.ts";
import { runs } from "../support/runs.ts";

const from = (Origin: string): RequestHead => request({ Origin, Host: "server.example" });

describe("an entry of a list of origins", () => {
  test.each([
    "https://example.com",
    "HTTPS://Example.COM",
    "https://example.com:8443",
    "http://localhost:3000",
    "http://127.0.0.1",
    "https://[::1]:8443",
    "https://xn--mnchen-3ya.de",
    "https://example.com.",
    "https://*.example.com",
    "https://*.Example.com:8443",
    "http://*.localhost:3000",
    "chrome-extension://nkbihfbeogaeaoehlefnkodbefgpgknn",
    "capacitor://localhost",
    "app://.",
    "file://",
    "null",
    "*",
  ])("may be %s, which covers itself", (entry) => {
    expect(() => checkOriginList([entry], "origins")).not.toThrow();
    const some = entry.replace("*.", "a.b.");
    expect(isOriginAllowed(from(some), [entry])).toBe(true);
  });

  test.each([
    ["https://example.com/", "https://example.com"],
    ["https://example.com/chat", "https://example.com"],
    ["https://example.com?a", "https://example.com"],
    ["https://example.com#a", "https://example.com"],
    ["https://ada@example.com", "https://example.com"],
    ["https://example.com:443", "https://example.com"],
    ["https://example.com:", "https://example.com"],
    ["http://example.com:80", "http://example.com"],
    ["https://example.com:08443", "https://example.com:8443"],
    [" https://example.com", "https://example.com"],
    ["https://m\u00fcnchen.de", "https://xn--mnchen-3ya.de"],
    ["https://[0:0:0:0:0:0:0:1]", "https://[::1]"],
    ["http://127.1", "http://127.0.0.1"],
    ["example.com", "https://example.com"],
    ["example.com:8443/chat", "https://example.com:8443"],
    ["//example.com", "https://example.com"],
    ["https:/example.com", "https://example.com"],
    ["http:example.com", "http://example.com"],
    ["localhost:3000", "http://localhost:3000"],
    ["127.0.0.1", "http://127.0.0.1"],
    ["[::1]:3000", "http://[::1]:3000"],
    ["ws://example.com", "http://example.com"],
    ["wss://example.com:443", "https://example.com"],
    ["*.example.com", "https://*.example.com"],
    ["https://*example.com", "https://*.example.com"],
    ["https://*.example.com/", "https://*.example.com"],
    ["https://*.example.com:443", "https://*.example.com"],
    ["https://*.m\u00fcnchen.de", "https://*.xn--mnchen-3ya.de"],
    ["chrome-extension://abc/", "chrome-extension://abc"],
  ])("must not be %j, which no Origin can match, and the error suggests %j", (entry, right) => {
    const message = `origins has ${JSON.stringify(entry)}, which no Origin can match: did you mean "${right}"?`;
    expect(() => isOriginAllowed(from("https://a.example"), [entry])).toThrow(
      argumentError(TypeError, "OPTION_INVALID", message),
    );
    expect(() => checkOriginList([right], "origins")).not.toThrow();
  });

  test.each<[unknown]>([
    [""],
    ["https://"],
    ["https://*"],
    ["https://*:8443"],
    ["https://*."],
    ["https://*..example.com"],
    ["https://a.*.example.com"],
    ["https://*.*.example.com"],
    ["http*://example.com"],
    ["http://localhost:*"],
    ["https://*.0.0.1"],
    ["chrome-extension://*"],
    ["https://a b"],
    ["https://example.com:99999"],
    ["**"],
    [5],
    [null],
    [/example/],
  ])("must not be %j, which no Origin can match, and the error says what is accepted", (entry) => {
    const message = /^origins has .*, which no Origin can match: use "https:\/\/example\.com", .* or a function$/;
    expect(() => checkOriginList([entry as string], "origins")).toThrow(
      argumentError(TypeError, "OPTION_INVALID", message),
    );
  });

  test("is checked wherever it stands in the list", () => {
    expect(() => checkOriginList(["*", "example.com"], "origins")).toThrow(/"example\.com"/);
  });
});

describe("a wildcard", () => {
  test.each([
    "https://a.example.com",
    "https://a.b.c.example.com",
    "HTTPS://A.Example.com",
    "https://xn--mnchen-3ya.example.com",
    "https://a_b.example.com",
  ])("https://*.example.com covers %s", (origin) => {
    expect(isOriginAllowed(from(origin), ["https://*.example.com"])).toBe(true);
  });

  test.each([
    "https://example.com",
    "https://evilexample.com",
    "https://evil-example.com",
    "https://.example.com",
    "https://a..example.com",
    "https://a.example.com.",
    "https://a.example.com.evil.example",
    "https://a.example.com:8443",
    "https://a.example.com:443",
    "http://a.example.com",
    "https://evil.example/.example.com",
    "https://evil.example?.example.com",
    "https://evil.example#.example.com",
    "https://evil.example:80.example.com",
    "https://evil.example@a.example.com",
    "https://*.example.com",
    "https://a.example.com, https://b.example.com",
    "https://evil.example https://a.example.com",
    "null",
    "",
  ])("https://*.example.com does not cover %j", (origin) => {
    expect(isOriginAllowed(from(origin), ["https://*.example.com"])).toBe(false);
  });

  test("covers exactly the hosts with one or more labels before its domain, with its scheme and port", () => {
    const label = fc.constantFrom("a", "b", "example", "com", "x-y");
    const host = fc.array(label, { minLength: 1, maxLength: 5 });
    const port = fc.constantFrom("", ":8443", ":3000");
    const scheme = fc.constantFrom("http", "https");
    const side = fc.record({ scheme, host, port });
    fc.assert(
      fc.property(side, side, ({ scheme, host, port }, origin) => {
        const entry = `${scheme}://*.${host.join(".")}${port}`;
        const isBelow =
          origin.host.length > host.length &&
          origin.host.slice(-host.length).every((each, index) => each === host[index]);
        const isCovered = isBelow && origin.scheme === scheme && origin.port === port;
        expect(coversOrigin(entry, `${origin.scheme}://${origin.host.join(".")}${origin.port}`)).toBe(isCovered);
      }),
      { numRuns: runs(10) },
    );
  });

  test("covers only hosts that a URL parser finds below its domain", () => {
    const part = fc.constantFrom("a", ".", "example.com", ":", "/", "@", "#", "?", "*", "443", "https://", "%2e", "\\");
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const origin = `https://${parts.join("")}`;
        if (!coversOrigin("https://*.example.com", origin)) return;
        expect(new URL(origin).origin).toBe(origin);
        expect(new URL(origin).hostname).toMatch(/.\.example\.com$/);
      }),
      { numRuns: runs(10) },
    );
  });
});

test("any entry of a list either throws or covers an origin that a browser could send", () => {
  const text = fc.string({
    unit: fc.constantFrom("a", ".", ":", "/", "*", "*.", "http", "https", "://", "@", "80", "443", "ü", "[::1]", " "),
    maxLength: 10,
  });
  fc.assert(
    fc.property(text, (entry) => {
      try {
        checkOriginList([entry], "origins");
      } catch (error) {
        expect(error).toEqual(argumentError(TypeError, "OPTION_INVALID", /which no Origin can match/));
        return;
      }
      const origin = entry.toLowerCase().replace("*.", "x.");
      expect(coversOrigin(entry, origin)).toBe(true);
      if (/^https?:/.test(origin)) expect(new URL(origin).origin).toBe(origin);
    }),
    { numRuns: runs(20) },
  );
});
