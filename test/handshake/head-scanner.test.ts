import { describe, expect, test } from "vitest";
import { HeadScanner } from "../../src/handshake/head-scanner.ts";
import { byteByByte } from "../support/frames.ts";

/** What comes of these bytes, in one chunk and byte by byte. */
function faults(text: string, maxHeadBytes = 1000) {
  const bytes = Buffer.from(text, "latin1");
  const slow = new HeadScanner({ maxHeadBytes });
  const last = byteByByte(bytes).reduce<unknown>((earlier, byte) => earlier ?? slow.push(byte), null);
  return [new HeadScanner({ maxHeadBytes }).push(bytes), last];
}

/** head-reader.test.ts has the same scanner's heads, limits and bytes. */
describe("a head that breaks a rule", () => {
  test.each([
    ["a NUL in the start line", "HTTP/1.1 101 a\0b", "byteInStartLine", "HTTP/1.1 101 a\0"],
    ["a DEL in the start line, behind an empty line", "\r\nGET /\x7f", "byteInStartLine", "GET /\x7f"],
    ["a control character at the very start", "\x01", "byteInStartLine", "\x01"],
    ["a NUL in a field", "HTTP/1.1 101 a\r\nA: b\r\nC: d\0e", "byteInField", "C: d\0"],
    ["a control character instead of a field", "HTTP/1.1 101 a\r\n\x01", "byteInField", "\x01"],
    ["an LF without its CR", "HTTP/1.1 101 a\nA: b", "lineEnd", "HTTP/1.1 101 a\n"],
    ["an LF after a whole line", "HTTP/1.1 101 a\r\n\n", "lineEnd", "\n"],
    ["a CR without its LF", "HTTP/1.1 101 a\r\nA: b\rc", "lineEnd", "A: b\rc"],
    ["a CR without its LF in the empty line", "HTTP/1.1 101 a\r\n\rb", "lineEnd", "\rb"],
    ["a CR after a CR", "HTTP/1.1 101 a\r\r", "lineEnd", "HTTP/1.1 101 a\r\r"],
  ])("has %s: the rule and its line up to there are given", (_, text, rule, shown) => {
    expect(faults(text)).toEqual([
      { rule, text: shown },
      { rule, text: shown },
    ]);
  });

  test("has a long line: its last 60 characters are given", () => {
    const [fault] = faults(`A: ${"b".repeat(500)}\0`);
    expect(fault).toEqual({ rule: "byteInStartLine", text: `${"b".repeat(59)}\0` });
  });

  test("is too long: no text is given", () => {
    expect(faults("A: bcdefgh", 8)).toEqual([
      { rule: "size", text: "" },
      { rule: "size", text: "" },
    ]);
  });
});
