import fc from "fast-check";
import { expect, test } from "vitest";
import { printable, quoted } from "../../src/http/quoted.ts";

const latin1 = fc.uint8Array({ maxLength: 150 }).map((bytes) => Buffer.from(bytes).toString("latin1"));

test("text in printable ASCII is quoted unchanged", () => {
  expect(quoted("HTTP/1.1 200 ~OK~")).toBe('"HTTP/1.1 200 ~OK~"');
});

test("all other bytes, quotes and backslashes are escaped", () => {
  expect(quoted('\0\r\n\t"\\\x1b\x7f\x9b\xff')).toBe(String.raw`"\x00\r\n\t\"\\\x1b\x7f\x9b\xff"`);
});

test("a character above U+00FF is escaped with four digits", () => {
  expect(quoted("\u2028ü")).toBe(String.raw`"\u2028\xfc"`);
});

test("at most 100 characters are shown", () => {
  expect(printable("a".repeat(100))).toBe("a".repeat(100));
  expect(printable("a".repeat(101))).toBe(`${"a".repeat(100)}...`);
});

test("the bytes of a peer are shown in bounded, printable ASCII, from which they can be read back", () => {
  fc.assert(
    fc.property(latin1, (text) => {
      const shown = quoted(text);
      expect(shown).toMatch(/^"[ -~]*"$/);
      expect(shown.length).toBeLessThanOrEqual(2 + 100 * 4 + 3);
      const [body = "", rest] = text.length > 100 ? [shown.slice(1, -4), "..."] : [shown.slice(1, -1), ""];
      const bytes = body.replace(/\\(?:x(..)|(.))/g, (_, hex, char) =>
        hex === undefined
          ? ({ r: "\r", n: "\n", t: "\t" }[char as string] ?? char)
          : String.fromCharCode(Number.parseInt(hex, 16)),
      );
      expect(bytes + rest).toBe(text.length > 100 ? `${text.slice(0, 100)}...` : text);
    }),
  );
});
