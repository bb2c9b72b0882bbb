import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RUNS, runs, runsFrom } from "./runs.ts";

describe("FC_RUNS", () => {
  test("FC_RUNS is 100 by default", () => {
    expect(runsFrom(undefined)).toBe(100);
    expect(runsFrom("")).toBe(100);
    expect(runsFrom("3000")).toBe(3000);
  });

  test.each(["0", "-1", "1.5", "many", "1e400"])("FC_RUNS is rejected if it is %s", (value) => {
    expect(() => runsFrom(value)).toThrow(`FC_RUNS must be a whole number from 1, not ${value}`);
  });

  test("FC_RUNS gives the number of runs of a property, or a share of it, at least one", () => {
    const tries = (parameters: { numRuns?: number } = {}) => {
      let count = 0;
      fc.assert(
        fc.property(fc.nat(), () => {
          count++;
        }),
        parameters,
      );
      return count;
    };
    expect(tries()).toBe(RUNS);
    expect(tries({ numRuns: runs(2) })).toBe(2 * RUNS);
    expect(runs(0.001 / RUNS)).toBe(1);
  });

  test("FC_RUNS does not remove the seed and the path from the message of a failure", () => {
    const failing = () => fc.assert(fc.property(fc.nat(), (number) => number < 10));
    expect(failing).toThrow(/seed: -?\d+, path: "\d+[:\d]*"/);
  });
});
