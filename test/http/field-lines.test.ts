import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fieldLine, fieldLines } from "../../src/http/field-lines.ts";
import { parseFieldSection } from "../../src/http/field-section.ts";

test("a field line ends with CRLF", () => {
  expect(fieldLine("X-Y", "a b\t\xe9")).toBe("X-Y: a b\t\xe9\r\n");
  expect(fieldLine("X-Y", "")).toBe("X-Y: \r\n");
});

test.each(["", "a b", "a:", "a\r\nb", "\u00e9", "a\0"])("the name %j throws an error that quotes it", (name) => {
  expect(() => fieldLine(name, "x")).toThrow(TypeError);
  expect(() => fieldLine(name, "x")).toThrow(JSON.stringify(name));
});

test("a name that is a whole line throws an error without its value, which may be a password", () => {
  expect(() => fieldLine("Authorization: secret", "")).toThrow('"Authorization:..." is not the name');
});

test.each(["a\r\nX: y", "a\r", "a\n", "\0", "\x7f", "\x0b", "\u0100", "\u{1f600}"])(
  "RFC 9112 section 11.1: the value %j, which would split or break the head, throws",
  (value) => {
    expect(() => fieldLine("X-Y", value)).toThrow(TypeError);
    expect(() => fieldLine("X-Y", value)).toThrow(/X-Y/);
  },
);

test.each([undefined, null, 5, {}])(
  "the value %j is not a string and throws an error that names the field",
  (value) => {
    expect(() => fieldLine("X-Y", value as unknown as string)).toThrow(/X-Y/);
  },
);

test("any name and value either throw or are read back from their line as one field", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 8 }),
    fc.string({ unit: fc.constantFrom("a", "\r", "\n", ":", " ") }),
  );
  fc.assert(
    fc.property(text, text, (name, value) => {
      let line: string;
      try {
        line = fieldLine(name, value);
      } catch (error) {
        expect(error).toBeInstanceOf(TypeError);
        return;
      }
      const fields = parseFieldSection(line.slice(0, -2).split("\r\n"), 10, "reject");
      expect("rule" in fields ? fields : fields.raw).toEqual([name, value.replace(/^[ \t]+|[ \t]+$/g, "")]);
    }),
  );
});

describe("fieldLines", () => {
  test("writes each value of a list on a line of its own", () => {
    expect(fieldLines({ A: "1", "Set-Cookie": ["a", "b"], B: [] }, () => false)).toBe(
      "A: 1\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n",
    );
  });

  test("throws for a reserved field, in any case, and names it", () => {
    expect(() => fieldLines({ UPGRADE: "x" }, (name) => name === "upgrade")).toThrow(/UPGRADE/);
  });
});
