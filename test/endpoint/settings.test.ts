import { constants } from "node:buffer";
import { describe, expect, test } from "vitest";
import { readOptions } from "../../src/arguments/index.ts";
import { CONNECTION_RULES, type ConnectionOptions, MAX_TIMEOUT, resolveSettings } from "../../src/endpoint/settings.ts";
import { argumentError } from "../support/argument-error.ts";

test("the defaults of the settings are those that the options' comments name", () => {
  expect(resolveSettings({})).toEqual({
    maxPayload: 16 * 1024 * 1024,
    maxStreamPayload: Number.POSITIVE_INFINITY,
    highWaterMark: 64 * 1024,
    maxBufferedAmount: 16 * 1024 * 1024,
    overflow: "close",
    maxQueuedAmount: 256 * 1024,
    pingInterval: 30_000,
    pingTimeout: 20_000,
    idleTimeout: 0,
    closeTimeout: 10_000,
  });
});

test("an option that is undefined counts as absent, and the settings cannot be changed", () => {
  const settings = resolveSettings({ maxPayload: undefined, overflow: undefined, pingInterval: undefined });
  expect(settings).toEqual(resolveSettings({}));
  expect(Object.isFrozen(settings)).toBe(true);
});

const read = (options: object): ConnectionOptions => readOptions(options, { owner: "a test", rules: CONNECTION_RULES });

const ranges: [keyof ConnectionOptions, number, number][] = [
  ["maxPayload", 1, constants.MAX_STRING_LENGTH],
  ["highWaterMark", 1, Number.MAX_SAFE_INTEGER],
  ["maxBufferedAmount", 1, Number.MAX_SAFE_INTEGER],
  ["maxQueuedAmount", 1, Number.MAX_SAFE_INTEGER],
  ["pingInterval", 0, MAX_TIMEOUT],
  ["pingTimeout", 1, MAX_TIMEOUT],
  ["idleTimeout", 0, MAX_TIMEOUT],
  ["closeTimeout", 1, MAX_TIMEOUT],
];

describe.each(ranges)("%s", (name, lowest, highest) => {
  test(`the option ${name} accepts ${lowest} and ${highest}`, () => {
    expect(resolveSettings(read({ [name]: lowest }))[name]).toBe(lowest);
    expect(resolveSettings(read({ [name]: highest }))[name]).toBe(highest);
  });

  test.each([lowest - 1, highest + 1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
    `the option ${name} rejects %s with a RangeError that names the valid range`,
    (value) => {
      const message = `${name} must be a whole number from ${lowest} to ${highest}, not ${value}`;
      expect(() => read({ [name]: value })).toThrow(argumentError(RangeError, "OPTION_INVALID", message));
    },
  );

  test.each([
    ["10", '"10"'],
    [null, "null"],
    [{}, "an object"],
    [10n, "10n"],
  ])(`the option ${name} rejects %s with a TypeError that names the valid range`, (value, shown) => {
    const message = `${name} must be a whole number from ${lowest} to ${highest}, not ${shown}`;
    expect(() => read({ [name]: value })).toThrow(argumentError(TypeError, "OPTION_INVALID", message));
  });
});

test('the option overflow accepts "close" and "drop" only', () => {
  expect(resolveSettings(read({ overflow: "drop" })).overflow).toBe("drop");
  expect(resolveSettings(read({ overflow: "close" })).overflow).toBe("close");
  const message = 'overflow must be "close" or "drop", not "wait"';
  expect(() => read({ overflow: "wait" })).toThrow(argumentError(TypeError, "OPTION_INVALID", message));
});

test("maxStreamPayload is a number of bytes, or Infinity", () => {
  for (const value of [1, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY]) {
    expect(resolveSettings(read({ maxStreamPayload: value })).maxStreamPayload).toBe(value);
  }
  for (const value of [0, 1.5, Number.NaN]) {
    expect(() => read({ maxStreamPayload: value })).toThrow(
      argumentError(RangeError, "OPTION_INVALID", /whole number/),
    );
  }
  expect(() => read({ maxStreamPayload: "1" })).toThrow(argumentError(TypeError, "OPTION_INVALID", /whole number/));
});
