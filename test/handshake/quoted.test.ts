import fc from "fast-check";
import { expect, test } from "vitest";
import { quoted } from "../../src/handshake/quoted.ts";

test.each([
  ["https://a.example", '"https://a.example"'],
  ['a "b" \\', '"a \\"b\\" \\\\"'],
  ["\u001b[31m\r\n", '"\\u001b[31m\\r\\n"'],
  ["\u009b31m\u007f\u2028ü", '"\\u009b31m\\u007f\\u2028\\u00fc"'],
  ["x".repeat(100), `"${"x".repeat(100)}"`],
  ["x".repeat(101), `"${"x".repeat(100)}..."`],
])("%j is shown as %s", (text, shown) => {
  expect(quoted(text)).toBe(shown);
});

test("any text becomes printable ASCII that JSON reads back", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 100 }), (text) => {
      const short = text.slice(0, 100);
      const shown = quoted(short);
      expect(shown).toMatch(/^"[ -~]*"$/);
      expect(JSON.parse(shown)).toBe(short);
    }),
  );
});
