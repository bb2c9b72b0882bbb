import { expect, test } from "vitest";
import { duplexOptions, type WebSocketDuplexOptions } from "../../src/connection/duplex-arguments.ts";
import { argumentError } from "../support/argument-error.ts";
import { open } from "../support/connection-harness.ts";

const check = (options: object) => duplexOptions(open().connection, options as WebSocketDuplexOptions, []);

test("the options of a Duplex are passed on, as far as they are given", () => {
  const options = { readableObjectMode: true, writableHighWaterMark: 0, encoding: "latin1" } as const;
  expect(check(options)).toEqual(options);
});

test.each([
  [{ objectMode: 1 }, TypeError, "OPTION_INVALID", /true or false/],
  [{ highWaterMark: -1 }, RangeError, "OPTION_INVALID", /whole number/],
  [{ encoding: "klingon" }, TypeError, "OPTION_INVALID", /an encoding of node/],
  [{ final() {} }, TypeError, "OPTION_UNKNOWN", /by itself/],
  [{ autoDestroy: false }, TypeError, "OPTION_UNKNOWN", /always destroyed/],
  [{ hwm: 1 }, TypeError, "OPTION_UNKNOWN", /"hwm"/],
] as const)("%o is named", (options, type, code, message) => {
  expect(() => check(options)).toThrow(argumentError(type, code, message));
});
