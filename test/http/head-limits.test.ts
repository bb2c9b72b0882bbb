import { expect, test } from "vitest";
import { headLimit } from "../../src/http/head-limits.ts";

test("a limit that is not given has its default", () => {
  expect(headLimit({}, "maxHeadBytes")).toBe(16_384);
  expect(headLimit({}, "maxHeaders")).toBe(100);
  expect(headLimit({ maxHeaders: 5 }, "maxHeadBytes")).toBe(16_384);
});

test.each([0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])(
  "maxHeaders must not be %s, which would be no limit, and the error names it",
  (value) => {
    expect(() => headLimit({ maxHeaders: value }, "maxHeaders")).toThrow(/maxHeaders/);
  },
);

test("the smallest limit is 1", () => {
  expect(headLimit({ maxHeaders: 1 }, "maxHeaders")).toBe(1);
});
