import { expect, test } from "vitest";
import { streamOptions } from "../../src/connection/stream-arguments.ts";
import { argumentError } from "../support/argument-error.ts";

test("the options of sendStream() are checked, and copied", () => {
  const { signal } = new AbortController();
  const given = { type: "text", compress: false, signal } as const;
  expect(streamOptions(given, [])).toEqual(given);
  expect(streamOptions(given, [])).not.toBe(given);
});

test.each([
  [{ type: "blob" }, [], "OPTION_INVALID", /"text" or "binary"/],
  [{ compress: 1 }, [], "OPTION_INVALID", /true or false/],
  [{ signal: new AbortController() }, [], "OPTION_INVALID", /use its signal/],
  [{ fin: true }, [], "OPTION_UNKNOWN", /the end of the source/],
  [{ binary: true }, [], "OPTION_UNKNOWN", /use type/],
  [() => {}, [], "ARGUMENT_INVALID", /returns a promise/],
  ["binary", [], "ARGUMENT_INVALID", /use { type }/],
  [{}, [() => {}], "ARGUMENT_INVALID", /no callback/],
] as const)("%o is named", (options, further, code, message) => {
  expect(() => streamOptions(options, further)).toThrow(argumentError(TypeError, code, message));
});
