import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { isOriginAllowed, type OriginPolicy, originMismatch } from "../../src/handshake/origin.ts";
import { HeaderFields } from "../../src/http/header-fields.ts";
import { request } from "../support/heads.ts";

const from = (Origin: string | string[], Host = "example.com", target = "/") =>
  request({ Origin, Host }, `GET ${target} HTTP/1.1`);

test.each<OriginPolicy | undefined>([undefined, "*", [], () => false])(
  "RFC 6455 section 4.2.1, item 7: without an Origin the request is not from a browser and is allowed (policy %j)",
  (policy) => {
    expect(isOriginAllowed(request(), policy)).toBe(true);
  },
);

describe("without a policy,", () => {
  test.each([
    ["https://example.com", "example.com"],
    ["http://EXAMPLE.com", "example.COM:8080"],
    ["http://example.com:3000", "example.com"],
    ["http://[::1]:3000", "[::1]:8080"],
    ["http://127.0.0.1", "127.0.0.1:80"],
  ])("a page from %s may connect to %s: scheme and port are not compared", (origin, host) => {
    expect(isOriginAllowed(from(origin, host), undefined)).toBe(true);
  });

  test.each([
    ["http://localhost:5173", "127.0.0.1:4000"],
    ["http://127.0.0.1:5173", "localhost:4000"],
    ["http://localhost", "[::1]:4000"],
  ])(
    "a page of this machine, %s, may connect to %s: the names of the loopback address are one host",
    (origin, host) => {
      expect(isOriginAllowed(from(origin, host), undefined)).toBe(true);
    },
  );

  test.each([
    ["http://localhost", "example.com"],
    ["https://example.com", "localhost:4000"],
    ["http://localhost.evil.example", "localhost"],
    ["http://127.0.0.1.evil.example", "127.0.0.1"],
  ])("a page from %s may not connect to %s", (origin, host) => {
    expect(isOriginAllowed(from(origin, host), undefined)).toBe(false);
  });

  test.each([
    "https://evil.example",
    "https://example.com.evil.example",
    "https://evil-example.com",
    "https://sub.example.com",
    "https://example.co",
    "https://example.com.",
    "https://evil.example://example.com",
    "https://example.com@evil.example",
    "https://evil.example/example.com",
    "https://evil.example?example.com",
    "https://evil.example#example.com",
    "https://example.com https://evil.example",
    "https://example.com, https://evil.example",
    "https://example.com/",
    "null",
    "",
    "example.com",
    "://example.com",
    "file://",
    "https://",
    "https://example.com:x",
    "\xff",
  ])("RFC 6455 section 10.2: a page from %j may not connect to example.com", (origin) => {
    expect(isOriginAllowed(from(origin), undefined)).toBe(false);
  });

  test("RFC 9112 section 3.2.2: the host of an absolute-form target MUST be used and Host be ignored", () => {
    const target = "http://example.com/";
    expect(isOriginAllowed(from("https://example.com", "other.example", target), undefined)).toBe(true);
    expect(isOriginAllowed(from("https://other.example", "other.example", target), undefined)).toBe(false);
  });

  test("a request without a usable Host matches no origin", () => {
    expect(isOriginAllowed(request({ Origin: "https://example.com", Host: null }), undefined)).toBe(false);
    expect(isOriginAllowed(request({ Origin: "https://example.com", Host: "a b" }), undefined)).toBe(false);
  });
});

describe("with a list,", () => {
  const list = ["https://example.com", "http://localhost:3000"];

  test("the whole origin is compared, in any case", () => {
    expect(isOriginAllowed(from("HTTPS://Example.com"), list)).toBe(true);
    expect(isOriginAllowed(from("http://localhost:3000"), list)).toBe(true);
    expect(isOriginAllowed(from("http://localhost"), list)).toBe(false);
    expect(isOriginAllowed(from("http://example.com"), list)).toBe(false);
    expect(isOriginAllowed(from("https://example.com.evil.example"), list)).toBe(false);
  });

  test("an empty list allows no page, not even the server's own", () => {
    expect(isOriginAllowed(from("https://example.com"), [])).toBe(false);
  });

  test('"null" is allowed only if it is listed', () => {
    expect(isOriginAllowed(from("null"), list)).toBe(false);
    expect(isOriginAllowed(from("null"), ["null"])).toBe(true);
  });

  test('"*" allows every origin, alone or in a list', () => {
    expect(isOriginAllowed(from("https://evil.example"), "*")).toBe(true);
    expect(isOriginAllowed(from("null"), ["https://example.com", "*"])).toBe(true);
  });
});

describe("with a function,", () => {
  test("the function receives the origin as it was sent, and the request", () => {
    const policy = vi.fn(() => true);
    const head = from("https://A.example");
    expect(isOriginAllowed(head, policy)).toBe(true);
    expect(policy).toHaveBeenCalledWith("https://A.example", head);
  });

  test("only the result true allows the origin", () => {
    const policy = (() => 1) as unknown as OriginPolicy;
    expect(isOriginAllowed(from("https://a.example"), policy)).toBe(false);
    expect(isOriginAllowed(from("https://a.example"), () => false)).toBe(false);
  });

  test("a promise that it returns is an error", () => {
    const policy = (async () => true) as unknown as OriginPolicy;
    expect(() => isOriginAllowed(from("https://a.example"), policy)).toThrow("origins returned a promise");
  });

  test("its exceptions are passed on", () => {
    const policy = () => {
      throw new Error("mine");
    };
    expect(() => isOriginAllowed(from("https://a.example"), policy)).toThrow("mine");
  });
});

test("a request with two Origin fields is never allowed", () => {
  expect(isOriginAllowed(from(["https://example.com", "https://example.com"]), "*")).toBe(false);
});

test("random origins and hosts give true or false, and never an exception", () => {
  const text = fc.string({ unit: fc.constantFrom("a", ":", "/", "[", "]", "@", "%", ".", "http://") });
  fc.assert(
    fc.property(text, text, (origin, host) => {
      expect(typeof isOriginAllowed(from(origin, host), undefined)).toBe("boolean");
    }),
  );
});

describe("the description of what an Origin was compared with", () => {
  test("has the host of the request if there is no policy, preferably that of its target", () => {
    expect(originMismatch(from("https://evil.example"), undefined)).toBe(
      '"https://evil.example" is not of the request\'s host, "example.com"',
    );
    expect(originMismatch(from("null", "example.com", "http://example.org:8080/"), undefined)).toBe(
      '"null" is not of the request\'s host, "example.org:8080"',
    );
  });

  test("has the first ten entries of the list", () => {
    expect(originMismatch(from("null"), [])).toBe('"null" is not one of []');
    const list = Array.from({ length: 12 }, (_, index) => `https://${index}.example`);
    const detail = originMismatch(from("https://evil.example"), list);
    expect(detail).toContain('"https://0.example", "https://1.example"');
    expect(detail).toMatch(/"https:\/\/9\.example" and 2 more\]$/);
  });

  test("says that the function did not return true", () => {
    expect(originMismatch(from("https://evil.example"), () => false)).toBe(
      'the function "origins" did not return true for "https://evil.example"',
    );
  });

  test("is short, printable ASCII, whatever was sent", () => {
    const text = fc.oneof(fc.string({ maxLength: 300 }), fc.string({ unit: "binary", maxLength: 300 }));
    fc.assert(
      fc.property(text, text, fc.option(fc.array(text), { nil: undefined }), (origin, host, policy) => {
        const head = { ...request(), fields: HeaderFields.fromRaw(["Host", host, "Origin", origin]) };
        const detail = originMismatch(head, policy);
        expect(detail).toMatch(/^[ -~]*$/);
        expect(detail.length).toBeLessThan(10_000);
      }),
    );
  });
});
