import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { HeadRule } from "../../src/http/head-fault.ts";
import { parseResponse } from "../../src/http/response-head.ts";

describe("RFC 9112 section 4: the status line", () => {
  test.each([
    ["HTTP/1.1 101 Switching Protocols", 101, "Switching Protocols", "1.1"],
    ["HTTP/1.1 200 ", 200, "", "1.1"],
    ["HTTP/1.1 404", 404, "", "1.1"],
    ["HTTP/1.0 403 No \xe9", 403, "No \xe9", "1.0"],
    ["HTTP/1.1 999 a  b", 999, "a  b", "1.1"],
    ["HTTP/1.1 000 ", 0, "", "1.1"],
  ])("%j is valid", (line, status, reason, version) => {
    expect(parseResponse(`${line}\r\nA: b`)).toMatchObject({ status, reason, httpVersion: version });
  });

  test.each([
    ...["", "HTTP/1.1", "HTTP/1.1 ", "HTTP/1.1 10", "HTTP/1.1 1011", "HTTP/1.1 101x", "HTTP/1.1 1e2 x"],
    ...["HTTP/1.1 +10 x", "HTTP/1.1  101 x", "HTTP/1.1\t101 x", "HTTP/1.1 101\tx", " HTTP/1.1 101 x"],
    ...["HTTP/2.0 101 x", "HTTP/1.10 101 x", "http/1.1 101 x", "ICY 200 OK", "GET / HTTP/1.1"],
  ])("%j is invalid", (line) => {
    expect(parseResponse(`${line}\r\nA: b`)).toEqual({ rule: "startLine", text: line });
  });
});

describe("the fields of a response", () => {
  test("may be folded: RFC 9112 section 5.2 demands that a user agent replace a fold by a space (MUST)", () => {
    const head = parseResponse("HTTP/1.1 101 x\r\nA: b\r\n\t c\r\nD: e");
    expect("rule" in head ? head : head.fields.raw).toEqual(["A", "b c", "D", "e"]);
  });

  test.each<[string, string, HeadRule]>([
    ["section 2.2: white space before the first field", " A: b", "spaceBeforeFields"],
    ["section 5: a line without a colon", "Upgrade", "colon"],
    ["section 5: an empty name", ": b", "fieldName"],
    ["section 5: a name that is not a token", "A/B: c", "fieldName"],
    ["section 5.1: a space before the colon", "A : b", "spaceBeforeColon"],
  ])("are checked line by line: RFC 9112 %s", (_, line, rule) => {
    expect(parseResponse(`HTTP/1.1 101 x\r\n${line}\r\nC: d`)).toEqual({ rule, text: line });
  });

  test("are at most 100 by default, or maxHeaders", () => {
    const head = (count: number) => `HTTP/1.1 101 x${"\r\nA: b".repeat(count)}`;
    expect(parseResponse(head(100))).toHaveProperty("fields");
    expect(parseResponse(head(101))).toEqual({ rule: "fieldCount", text: "" });
    expect(parseResponse(head(2), { maxHeaders: 2 })).toHaveProperty("fields");
    expect(parseResponse(head(2), { maxHeaders: 1 })).toEqual({ rule: "fieldCount", text: "" });
  });
});

test("random text gives a head or a fault, and never an exception", () => {
  const soup = fc
    .array(fc.constantFrom("HTTP/1.1", " ", "101", "\r\n", "A: b", "\t", ":", "\xff"), { maxLength: 20 })
    .map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(fc.oneof(soup, fc.string({ unit: "binary" })), (text) => {
      const head = parseResponse(text);
      if (!("rule" in head)) expect(head.status).toBeLessThan(1000);
    }),
  );
});
