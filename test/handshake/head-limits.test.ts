import { expect, test } from "vitest";
import { headLimit } from "../../src/handshake/head-limits.ts";

test("a limit that is not told has its default", () => {
  expect(headLimit({}, "maxHeadBytes")).toBe(16_384);
  expect(headLimit({}, "maxHeaders")).toBe(100);
  expect(headLimit({ maxHeaders: 5 }, "maxHeadBytes")).toBe(16_384);
});

test.each([0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])(
  "%s is refused by name, since it would be no limit",
  (value) => {
    expect(() => headLimit({ maxHeaders: value }, "maxHeaders")).toThrow(/maxHeaders/);
  },
);

test("1 is the smallest limit", () => {
  expect(headLimit({ maxHeaders: 1 }, "maxHeaders")).toBe(1);
});
