import fc from "fast-check";
import { expect, test } from "vitest";
import { ConnectFailures } from "../../src/handshake/connect-failures.ts";
import { parseResponseHead } from "../../src/handshake/index.ts";

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
  expect(parseResponseHead(`${line}\r\nA: b`)).toEqual({
    failure: ConnectFailures.STATUS_LINE_INVALID,
    detail: JSON.stringify(line),
  });
});

test("RFC 9112 section 5.2: a user agent MUST replace a fold by a space", () => {
  const head = parseResponseHead("HTTP/1.1 101 x\r\nA: b\r\n\t c\r\nD: e");
  expect("failure" in head ? head : head.fields.raw).toEqual(["A", "b c", "D", "e"]);
});

test.each([
  ["section 2.2: white space before the first field", " A: b", ConnectFailures.SPACE_BEFORE_FIELDS],
  ["section 5: a line without a colon", "Upgrade", ConnectFailures.FIELD_WITHOUT_COLON],
  ["section 5: an empty name", ": b", ConnectFailures.FIELD_NAME_INVALID],
  ["section 5: a name that is not a token", "A/B: c", ConnectFailures.FIELD_NAME_INVALID],
  ["section 5.1: a space before the colon", "A : b", ConnectFailures.FIELD_SPACE_BEFORE_COLON],
])("RFC 9112 %s is refused, with the line", (title, line, failure) => {
  const [section] = title.split(":");
  expect(failure.section).toBe(`RFC 9112 ${section}`);
  expect(parseResponseHead(`HTTP/1.1 101 x\r\n${line}\r\nC: d`)).toEqual({ failure, detail: `"${line}"` });
});

test("exactly maxHeaders fields are read, one more is refused", () => {
  const text = "HTTP/1.1 101 x\r\nA: b\r\nA: b";
  expect(parseResponseHead(text, { maxHeaders: 2 })).toHaveProperty("fields");
  expect(parseResponseHead(text, { maxHeaders: 1 })).toMatchObject({
    failure: ConnectFailures.RESPONSE_TOO_MANY_FIELDS,
  });
});

test("random heads never throw", () => {
  const soup = fc
    .array(fc.constantFrom("HTTP/1.1", " ", "101", "\r\n", "A: b", "\t", ":", "\xff"), { maxLength: 20 })
    .map((pieces) => pieces.join(""));
  fc.assert(fc.property(fc.oneof(soup, fc.string({ unit: "binary" })), (text) => void parseResponseHead(text)));
});
