import fc from "fast-check";
import { expect, test } from "vitest";
import { isToken } from "../../src/http/token.ts";

const isTokenByRegExp = (text: string) => /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(text) && !text.endsWith("\n");

test("RFC 9110 section 5.6.2: isToken() agrees with a regular expression for any text", () => {
  const nearToken = fc.string({
    unit: fc.constantFrom("a", "Z", "0", "-", "~", "|", ",", ";", "=", '"', " ", "\u00e9"),
  });
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: "binary" }), nearToken), (text) => {
      expect(isToken(text)).toBe(isTokenByRegExp(text));
    }),
  );
});

test("RFC 9110 section 5.6.2: isToken() agrees with the grammar for every character up to U+01FF", () => {
  for (let code = 0; code < 0x200; code++) {
    const char = String.fromCharCode(code);
    expect(isToken(char), `U+${code.toString(16)}`).toBe(isTokenByRegExp(char));
  }
});

test("the empty string is not a token", () => {
  expect(isToken("")).toBe(false);
});
