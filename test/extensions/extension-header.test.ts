import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ExtensionDeclaration, formatExtensionHeader, parseExtensionHeader } from "../../src/extensions/index.ts";
import { runs } from "../support/runs.ts";

const TCHARS = [..."!#$%&'*+-.^_`|~0123456789ABCXYZabcxyz"];
const token = fc.string({ unit: fc.constantFrom(...TCHARS), minLength: 1, maxLength: 8 });
const param = fc.record({ name: token, value: fc.oneof(token, fc.constant(true as const)) });
const declaration = fc.record({ name: token, params: fc.array(param, { maxLength: 4 }) });
const declarations = fc.array(declaration, { minLength: 1, maxLength: 4 });
const space = fc.string({ unit: fc.constantFrom(" ", "\t"), maxLength: 2 });

/** Writes a list in any of the ways that the grammar allows. */
const written = fc
  .tuple(declarations, fc.infiniteStream(space), fc.infiniteStream(fc.boolean()))
  .map(([list, spaces, flags]): { list: ExtensionDeclaration[]; text: string } => {
    const ows = () => spaces.next().value ?? "";
    const yes = () => flags.next().value ?? false;
    const escaped = (value: string) => [...value].map((char) => (yes() ? `\\${char}` : char)).join("");
    const part = (char: string) => ows() + char + ows();
    const valueText = (value: string) => (yes() ? `"${escaped(value)}"` : value);
    const text = list
      .map(({ name, params }) => {
        const tail = params.map((each) => {
          const value = each.value === true ? "" : part("=") + valueText(each.value);
          return part(";") + each.name + value;
        });
        return name + tail.join("");
      })
      .reduce((sum, each) => sum + part(",") + (yes() ? part(",") : "") + each);
    return { list, text: ows() + text + (yes() ? part(",") : ows()) };
  });

describe("parseExtensionHeader", () => {
  test.each<[string, ExtensionDeclaration[]]>([
    ["deflate-stream", [{ name: "deflate-stream", params: [] }]],
    [
      "mux; max-channels=4; flow-control, deflate-stream",
      [
        {
          name: "mux",
          params: [
            { name: "max-channels", value: "4" },
            { name: "flow-control", value: true },
          ],
        },
        { name: "deflate-stream", params: [] },
      ],
    ],
    ['foo; bar="baz"', [{ name: "foo", params: [{ name: "bar", value: "baz" }] }]],
    ['foo; bar="b\\az"', [{ name: "foo", params: [{ name: "bar", value: "baz" }] }]],
    ["a \t;\t b = c", [{ name: "a", params: [{ name: "b", value: "c" }] }]],
    [
      ",, a ,, b ,",
      [
        { name: "a", params: [] },
        { name: "b", params: [] },
      ],
    ],
  ])("RFC 6455 section 9.1: %j is read", (text, list) => {
    expect(parseExtensionHeader(text)).toEqual(list);
  });

  test.each([
    "",
    " \t ",
    ",",
    " , ,",
    ";",
    "=",
    "a b",
    "a;",
    "a; ;b",
    "a;;b",
    "a; =b",
    "a=b",
    "a; b=",
    "a; b=,c",
    "a; b=c d",
    "a; b=c=d",
    'a; b=c"d"',
    '"a"',
    "a\u00a0",
    "\u00e9",
    "a\u0000",
    "a\r\n",
    "a/b",
  ])("RFC 6455 section 9.1: %j breaks the grammar and MUST fail", (text) => {
    expect(parseExtensionHeader(text)).toBeNull();
  });

  test.each([
    'a; b=""',
    'a; b="c d"',
    'a; b="c,d"',
    'a; b="\\""',
    'a; b="c',
    'a; b="c\\',
    'a; b="',
    'a; b="c"d',
    'a; b="\u00e9"',
  ])("RFC 6455 section 9.1: the quoted value in %j MUST be a token after unescaping", (text) => {
    expect(parseExtensionHeader(text)).toBeNull();
  });

  test("parameters that stand twice stay visible, in their order", () => {
    expect(parseExtensionHeader("a; b=1; b; b=2")).toEqual([
      {
        name: "a",
        params: [
          { name: "b", value: "1" },
          { name: "b", value: true },
          { name: "b", value: "2" },
        ],
      },
    ]);
  });

  test("RFC 6455 section 9.1: a header split over lines equals the combined one, in order", () => {
    const lines = ["foo", "bar; baz=2"];
    expect(parseExtensionHeader(lines.join(", "))).toEqual(parseExtensionHeader("foo, bar; baz=2"));
  });

  test("every way to write a list is read back as that list", () => {
    fc.assert(
      fc.property(written, ({ list, text }) => {
        expect(parseExtensionHeader(text)).toEqual(list);
      }),
    );
  });

  test("text made of the grammar's own characters never throws, and what is read is written and read back the same", () => {
    const soup = fc.string({
      unit: fc.constantFrom("a", "1", ";", ",", "=", '"', "\\", " ", "\t", "\u00e9"),
      maxLength: 24,
    });
    fc.assert(
      fc.property(fc.oneof(soup, fc.string({ unit: "binary" })), (text) => {
        const list = parseExtensionHeader(text);
        if (list !== null) expect(parseExtensionHeader(formatExtensionHeader(list))).toEqual(list);
      }),
      { numRuns: runs(10) },
    );
  });

  test.each([
    ["commas", ",".repeat(100_000), null],
    ["spaces", " ".repeat(100_000), null],
    ["an element a two characters", "a,".repeat(50_000), 50_000],
    ["parameters", `a${";b".repeat(50_000)}`, 1],
    ["escapes that never end", `a;b="${"\\c".repeat(50_000)}`, null],
    ["escapes that end", `a;b="${"\\c".repeat(50_000)}"`, 1],
    ["semicolons", `a${";".repeat(100_000)}`, null],
    ["spaces between each two", `a${" ; b".repeat(25_000)}`, 1],
  ])("100 KB of %s are read in one pass", (_, text, count) => {
    const list = parseExtensionHeader(text);
    expect(list === null ? null : list.length).toBe(count);
  });

  test("the work is linear: no character is fetched more than a fixed number of times", () => {
    const fetched = (size: number) => {
      const native = String.prototype.charCodeAt;
      let calls = 0;
      String.prototype.charCodeAt = function (this: string, at: number) {
        calls++;
        return native.call(this, at);
      };
      try {
        parseExtensionHeader(`${'a ; b = "\\c" , '.repeat(size)}x y`);
      } finally {
        String.prototype.charCodeAt = native;
      }
      return calls;
    };
    const one = fetched(100);
    expect(one).toBeGreaterThan(0);
    expect(fetched(1000)).toBeLessThan(11 * one);
  });
});

describe("formatExtensionHeader", () => {
  test("parse after format gives the same list back", () => {
    fc.assert(
      fc.property(declarations, (list) => {
        expect(parseExtensionHeader(formatExtensionHeader(list))).toEqual(list);
      }),
    );
  });

  test("it writes the form of RFC 6455's examples", () => {
    const text = "mux; max-channels=4; flow-control, deflate-stream";
    expect(formatExtensionHeader(parseExtensionHeader(text) ?? [])).toBe(text);
  });

  test("an empty list is an empty text, for which the field is left out", () => {
    expect(formatExtensionHeader([])).toBe("");
  });

  test.each<ExtensionDeclaration>([
    { name: "", params: [] },
    { name: "a\r\nX: y", params: [] },
    { name: "a", params: [{ name: "b c", value: true }] },
    { name: "a", params: [{ name: "b", value: "" }] },
    { name: "a", params: [{ name: "b", value: 'c"' }] },
  ])("what is not a token throws and is never written: %j", (each) => {
    expect(() => formatExtensionHeader([each])).toThrow(TypeError);
  });
});
