import fc from "fast-check";
import { expect, test } from "vitest";
import { Refusals } from "../../src/errors.ts";
import { isRefusal, parseResponseHead } from "../../src/handshake/index.ts";

test.each([
  ["HTTP/1.1 101 Switching Protocols", 101, "Switching Protocols", "1.1"],
  ["HTTP/1.1 200 ", 200, "", "1.1"],
  ["HTTP/1.1 404", 404, "", "1.1"],
  ["HTTP/1.0 403 No \xe9", 403, "No \xe9", "1.0"],
  ["HTTP/1.1 999 a  b", 999, "a  b", "1.1"],
])("RFC 9112 section 4: the status line %j is read", (line, status, reason, version) => {
  expect(parseResponseHead(`${line}\r\nA: b`)).toMatchObject({ status, reason, httpVersion: version });
});

test.each([
  "",
  "HTTP/1.1",
  "HTTP/1.1 ",
  "HTTP/1.1 10",
  "HTTP/1.1 1011",
  "HTTP/1.1 101x",
  "HTTP/1.1 1e2 x",
  "HTTP/1.1 +10 x",
  "HTTP/1.1  101 x",
  "HTTP/1.1\t101 x",
  "HTTP/1.1 101\tx",
  " HTTP/1.1 101 x",
  "HTTP/2.0 101 x",
  "HTTP/1.10 101 x",
  "http/1.1 101 x",
  "ICY 200 OK",
  "GET / HTTP/1.1",
])("RFC 9112 section 4: the status line %j is refused", (line) => {
  expect(parseResponseHead(`${line}\r\nA: b`)).toBe(Refusals.STATUS_LINE_INVALID);
});

test("RFC 9112 section 5.2: a user agent MUST replace a fold by a space", () => {
  const head = parseResponseHead("HTTP/1.1 101 x\r\nA: b\r\n\t c\r\nD: e");
  expect(isRefusal(head) ? null : head.fields.raw).toEqual(["A", "b c", "D", "e"]);
});

test("RFC 9112 section 2.2: white space before the first field is refused", () => {
  expect(parseResponseHead("HTTP/1.1 101 x\r\n A: b")).toBe(Refusals.FIELD_FOLDED);
});

test("exactly maxHeaders fields are read, one more is refused", () => {
  const text = "HTTP/1.1 101 x\r\nA: b\r\nA: b";
  expect(isRefusal(parseResponseHead(text, { maxHeaders: 2 }))).toBe(false);
  expect(parseResponseHead(text, { maxHeaders: 1 })).toBe(Refusals.HEAD_TOO_MANY_FIELDS);
});

test("random heads never throw", () => {
  const soup = fc
    .array(fc.constantFrom("HTTP/1.1", " ", "101", "\r\n", "A: b", "\t", ":", "\xff"), { maxLength: 20 })
    .map((pieces) => pieces.join(""));
  fc.assert(fc.property(fc.oneof(soup, fc.string({ unit: "binary" })), (text) => void parseResponseHead(text)));
});
