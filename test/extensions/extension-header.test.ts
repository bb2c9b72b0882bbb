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

/** A list with one of the ways to write it that the grammar allows. */
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
  ])("RFC 6455 section 9.1: the example %j is parsed", (text, list) => {
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
  ])("RFC 6455 section 9.1: %j violates the grammar and MUST fail", (text) => {
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

  test("duplicate parameters are kept in their order", () => {
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

  test("RFC 6455 section 9.1: a header split over several lines equals the combined one", () => {
    const lines = ["foo", "bar; baz=2"];
    expect(parseExtensionHeader(lines.join(", "))).toEqual(parseExtensionHeader("foo, bar; baz=2"));
  });

  test("every way to write a list is parsed as that list", () => {
    fc.assert(
      fc.property(written, ({ list, text }) => {
        expect(parseExtensionHeader(text)).toEqual(list);
      }),
    );
  });

  test("a text of the grammar's characters never throws, and a parsed list is the same after formatting and parsing", () => {
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
    ["elements of one character", "a,".repeat(50_000), 50_000],
    ["parameters", `a${";b".repeat(50_000)}`, 1],
    ["escapes that never end", `a;b="${"\\c".repeat(50_000)}`, null],
    ["escapes that end", `a;b="${"\\c".repeat(50_000)}"`, 1],
    ["semicolons", `a${";".repeat(100_000)}`, null],
    ["spaces around semicolons", `a${" ; b".repeat(25_000)}`, 1],
  ])("100 KB of %s are parsed in one pass", (_, text, count) => {
    const list = parseExtensionHeader(text);
    expect(list === null ? null : list.length).toBe(count);
  });

  test("the work of parsing is proportional to the length of the header", () => {
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
  test("a formatted list is parsed as the same list", () => {
    fc.assert(
      fc.property(declarations, (list) => {
        expect(parseExtensionHeader(formatExtensionHeader(list))).toEqual(list);
      }),
    );
  });

  test("a formatted list has the form of the examples in RFC 6455 section 9.1", () => {
    const text = "mux; max-channels=4; flow-control, deflate-stream";
    expect(formatExtensionHeader(parseExtensionHeader(text) ?? [])).toBe(text);
  });

  test("an empty list is formatted as an empty text", () => {
    expect(formatExtensionHeader([])).toBe("");
  });

  test.each<ExtensionDeclaration>([
    { name: "", params: [] },
    { name: "a\r\nX: y", params: [] },
    { name: "a", params: [{ name: "b c", value: true }] },
    { name: "a", params: [{ name: "b", value: "" }] },
    { name: "a", params: [{ name: "b", value: 'c"' }] },
  ])("a name or a value that is not a token throws: %j", (each) => {
    expect(() => formatExtensionHeader([each])).toThrow(TypeError);
  });
});
