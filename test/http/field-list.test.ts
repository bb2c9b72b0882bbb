import fc from "fast-check";
import { expect, test } from "vitest";
import { hasElement, listElements, trimOws } from "../../src/http/field-list.ts";

const text = fc.string({ unit: fc.constantFrom("a", "b", " ", "\t", ",", "\u00a0") });

test("trimOws() removes spaces and tabs at the ends, as a regular expression does", () => {
  fc.assert(
    fc.property(text, (value) => {
      expect(trimOws(value)).toBe(value.replace(/^[ \t]+/, "").replace(/[ \t]+$/, ""));
    }),
  );
});

test("trimOws() keeps U+00A0, which is obs-text and not white space in HTTP", () => {
  expect(trimOws(" \u00a0a\u00a0\t")).toBe("\u00a0a\u00a0");
});

test("RFC 9110 section 5.6.1.2: empty elements of a list MUST be ignored", () => {
  expect(listElements([", a ,,\tb,", "", " , c"])).toEqual(["a", "b", "c"]);
});

test("RFC 9110 section 5.3: several lines form one list", () => {
  fc.assert(
    fc.property(fc.array(text), (lines) => {
      expect(listElements(lines)).toEqual(listElements([lines.join(",")]));
    }),
  );
});

test("hasElement() finds whole elements, in any case and on any line", () => {
  expect(hasElement(["keep-alive", "x, UpGrade"], "upgrade")).toBe(true);
  expect(hasElement(["upgraded, up grade, x-upgrade"], "upgrade")).toBe(false);
  expect(hasElement([], "upgrade")).toBe(false);
});

test("100 KB of commas or of spaces are a list without elements", () => {
  expect(listElements([",".repeat(100_000), " ".repeat(100_000)])).toEqual([]);
});
