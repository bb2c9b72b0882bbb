import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseRequest } from "../../src/http/request-head.ts";
import { runs } from "../support/runs.ts";

const fieldsOf = (text: string) => {
  const head = parseRequest(text);
  return "rule" in head ? head : head.fields.raw;
};

test("a head is parsed into its method, target, version and fields", () => {
  const text = "GET /chat?x HTTP/1.1\r\nHost: a\r\nB:c";
  expect(parseRequest(text)).toMatchObject({ method: "GET", target: "/chat?x", httpVersion: "1.1" });
  expect(fieldsOf(text)).toEqual(["Host", "a", "B", "c"]);
});

test("a head without fields is well-formed", () => {
  expect(fieldsOf("GET / HTTP/1.0")).toEqual([]);
});

describe("RFC 9112 section 3: the request line", () => {
  test.each([
    ...["", " ", "GET", "GET /", "GET / ", "GET  / HTTP/1.1", "GET /  HTTP/1.1", " GET / HTTP/1.1"],
    ...["GET / HTTP/1.1 ", "GET / HTTP/1.1 x", "GET /a b HTTP/1.1", "GET\t/\tHTTP/1.1", "GET / HTTP/1.1x"],
    ...["GET / HTTP/11", "GET / http/1.1", "GET / HTTPS/1.1", "G(T / HTTP/1.1", ": / HTTP/1.1"],
    "HTTP/1.1 101 Switching Protocols",
  ])("%j is invalid", (line) => {
    expect(parseRequest(`${line}\r\nHost: a`)).toEqual({ rule: "startLine", text: line });
  });

  test.each(["GET / HTTP/1.1", "get * HTTP/0.9", "M-SEARCH http://a HTTP/2.0"])("%j is valid", (line) => {
    const [method, target, version] = line.split(" ");
    expect(parseRequest(line)).toMatchObject({ method, target, httpVersion: version?.slice(5) });
  });
});

describe("the fields of a request", () => {
  test("must not be folded: RFC 9112 section 5.2", () => {
    expect(parseRequest("GET / HTTP/1.1\r\nA: b\r\n c")).toEqual({ rule: "folding", text: " c" });
  });

  test("are at most 100 by default, or maxHeaders", () => {
    const head = (count: number) => `GET / HTTP/1.1${"\r\nA: b".repeat(count)}`;
    expect(parseRequest(head(100))).toHaveProperty("fields");
    expect(parseRequest(head(101))).toEqual({ rule: "fieldCount", text: "" });
    expect(parseRequest(head(3), { maxHeaders: 2 })).toEqual({ rule: "fieldCount", text: "" });
    expect(parseRequest(head(3), { maxHeaders: 3 })).toHaveProperty("fields");
  });

  test("are checked line by line", () => {
    expect(parseRequest("GET / HTTP/1.1\r\nA : b")).toEqual({ rule: "spaceBeforeColon", text: "A : b" });
    expect(parseRequest("GET / HTTP/1.1\r\nA")).toEqual({ rule: "colon", text: "A" });
  });
});

test("random text gives a head or a fault, and never an exception", () => {
  const piece = fc.constantFrom(...["GET ", "/", " HTTP/1.1", "\r\n", "Host: a", "Upgrade: x", ":", " ", "\t", "\xff"]);
  const soup = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(fc.oneof(soup, fc.string({ unit: "binary" })), (text) => {
      const head = parseRequest(text);
      expect("rule" in head || head.fields.count >= 0).toBe(true);
    }),
    { numRuns: runs(5) },
  );
});

test("100 KB of spaces, of line ends or of one value are parsed", () => {
  expect(parseRequest(" ".repeat(100_000))).toHaveProperty("rule", "startLine");
  expect(parseRequest(`GET / HTTP/1.1${"\r\n".repeat(50_000)}`)).toEqual({ rule: "colon", text: "" });
  expect(parseRequest(`GET / HTTP/1.1\r\nA:${" ".repeat(100_000)}`)).toHaveProperty("fields");
});
