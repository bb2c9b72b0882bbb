import { constants } from "node:buffer";
import { describe, expect, test } from "vitest";
import { type ConnectionOptions, MAX_TIMEOUT, resolveSettings } from "../../src/connection/index.ts";
import { wholeNumber } from "../../src/whole-number.ts";

test("the defaults are those that the options' comments name", () => {
  expect(resolveSettings({})).toEqual({
    maxPayload: 16 * 1024 * 1024,
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

test("undefined is as good as absent, and the result cannot be changed", () => {
  const settings = resolveSettings({ maxPayload: undefined, overflow: undefined, pingInterval: undefined });
  expect(settings).toEqual(resolveSettings({}));
  expect(Object.isFrozen(settings)).toBe(true);
});

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
  test(`takes ${lowest} and ${highest}`, () => {
    expect(resolveSettings({ [name]: lowest })[name]).toBe(lowest);
    expect(resolveSettings({ [name]: highest })[name]).toBe(highest);
  });

  test.each([lowest - 1, highest + 1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "10", null, {}])(
    "refuses %s, and says what it was and what it may be",
    (value) => {
      const resolve = () => resolveSettings({ [name]: value } as ConnectionOptions);
      expect(resolve).toThrow(RangeError);
      expect(resolve).toThrow(`${name} must be a whole number from ${lowest} to ${highest}, not ${String(value)}`);
    },
  );
});

test("overflow is one of two words", () => {
  expect(resolveSettings({ overflow: "drop" }).overflow).toBe("drop");
  expect(resolveSettings({ overflow: "close" }).overflow).toBe("close");
  const wrong = { overflow: "wait" } as unknown as ConnectionOptions;
  expect(() => resolveSettings(wrong)).toThrow(new TypeError('overflow must be "close" or "drop", not wait'));
});

test("wholeNumber gives the fallback for undefined alone", () => {
  expect(wholeNumber("n", undefined, 7, 0, 1)).toBe(7);
  expect(() => wholeNumber("n", null, 7, 0, 1)).toThrow(RangeError);
});
