import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fieldLine, fieldLines, isHandshakeField } from "../../src/handshake/field-lines.ts";
import { HeaderFields } from "../../src/handshake/index.ts";

test("a field is written on a line of its own", () => {
  expect(fieldLine("X-Y", "a b\t\xe9")).toBe("X-Y: a b\t\xe9\r\n");
  expect(fieldLine("X-Y", "")).toBe("X-Y: \r\n");
});

test.each(["", "a b", "a:", "a\r\nb", "\u00e9", "a\0"])("the name %j throws and is named", (name) => {
  expect(() => fieldLine(name, "x")).toThrow(TypeError);
  expect(() => fieldLine(name, "x")).toThrow(JSON.stringify(name));
});

test("a name that is a whole line throws without its value, which may be a password", () => {
  expect(() => fieldLine("Authorization: secret", "")).toThrow('"Authorization:..." is not the name');
});

test.each(["a\r\nX: y", "a\r", "a\n", "\0", "\x7f", "\x0b", "\u0100", "\u{1f600}"])(
  "RFC 9112 section 11.1: the value %j would split or break the head, and throws",
  (value) => {
    expect(() => fieldLine("X-Y", value)).toThrow(TypeError);
    expect(() => fieldLine("X-Y", value)).toThrow(/X-Y/);
  },
);

test.each([undefined, null, 5, {}])("the value %j is no string and throws", (value) => {
  expect(() => fieldLine("X-Y", value as unknown as string)).toThrow(/X-Y/);
});

test("whatever is given, either it throws or its line is read back as that one field", () => {
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
      const fields = HeaderFields.parse(line.slice(0, -2).split("\r\n"), 0, 10, "refuse");
      expect("rule" in fields ? fields : fields.raw).toEqual([name, value.replace(/^[ \t]+|[ \t]+$/g, "")]);
    }),
  );
});

describe("fieldLines", () => {
  test("a list gives a line each", () => {
    expect(fieldLines({ A: "1", "Set-Cookie": ["a", "b"], B: [] }, () => false)).toBe(
      "A: 1\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n",
    );
  });

  test("a reserved field throws and is named, in any case", () => {
    expect(() => fieldLines({ UPGRADE: "x" }, isHandshakeField)).toThrow(/UPGRADE/);
  });
});

test("the fields of the handshake are reserved, others are not", () => {
  for (const name of [
    "upgrade",
    "connection",
    "content-length",
    "transfer-encoding",
    "sec-websocket-key",
    "sec-websocket-x",
  ]) {
    expect(isHandshakeField(name)).toBe(true);
  }
  for (const name of ["host", "origin", "cookie", "sec-websocket", "sec-fetch-mode"]) {
    expect(isHandshakeField(name)).toBe(false);
  }
});
