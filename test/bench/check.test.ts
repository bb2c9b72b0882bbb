import { describe, expect, it } from "vitest";
import { buildBaseline } from "../../bench/harness/baseline.mjs";
import { compareWithBaseline, verdict } from "../../bench/harness/check.mjs";
import { uncertaintyOfMedian } from "../../bench/harness/figures.mjs";

const SUITE = { name: "echo", unit: "µs" };

/** A row in which the baseline costs `ratio` times as much as the present version, give or take `uncertainty`. */
function row(ratio: number, uncertainty = 0.02) {
  const figures = (median: number) => ({ median, uncertainty });
  const peers = {
    tautline: { value: figures(2), timesTautline: figures(1) },
    baseline: { value: figures(2 * ratio), timesTautline: figures(ratio) },
  };
  return { case: "20 B", peers };
}

function regressions(suite: typeof SUITE & { noise?: number }, rows: ReturnType<typeof row>[]) {
  return compareWithBaseline(suite, rows).flatMap(({ regression }) => regression ?? []);
}

describe("the uncertainty of a median", () => {
  it("is zero if all rounds agree, and ignores a single disturbed round", () => {
    expect(uncertaintyOfMedian([1])).toBe(0);
    expect(uncertaintyOfMedian([1, 1, 1, 1, 9])).toBe(0);
  });

  it("is smaller with more rounds that vary as much", () => {
    const few = [0.8, 0.9, 1, 1.1, 1.2];
    expect(uncertaintyOfMedian(few)).toBeCloseTo(0.179, 3);
    expect(uncertaintyOfMedian([...few, ...few, ...few, ...few])).toBeLessThan(0.1);
  });
});

describe("the check against a baseline", () => {
  it("reports nothing if the cost is the same or lower", () => {
    expect(regressions(SUITE, [row(1), row(1.5)])).toEqual([]);
  });

  it("ignores a difference within noise and reports one beyond it", () => {
    expect(regressions(SUITE, [row(0.91)])).toEqual([]);
    expect(regressions(SUITE, [row(0.89)])).toEqual(["echo, 20 B: 2.00 µs instead of 1.78 µs (noise 10 %)"]);
  });

  it("reports each case that has become worse", () => {
    expect(regressions(SUITE, [row(0.5), row(1), row(0.7)])).toHaveLength(2);
  });

  it("allows a larger difference if the ratio is less certain", () => {
    expect(regressions(SUITE, [row(0.8, 0.25)])).toEqual([]);
    expect(regressions(SUITE, [row(0.7, 0.25)])).toHaveLength(1);
  });

  it("uses the noise of a suite that declares it", () => {
    expect(regressions({ ...SUITE, noise: 0.03 }, [row(0.96)])).toHaveLength(1);
    expect(regressions({ ...SUITE, noise: 0.03 }, [row(0.98)])).toEqual([]);
  });

  it("says how large the noise was if nothing is worse", () => {
    const compared = compareWithBaseline(SUITE, [row(1, 0.02), row(1, 0.3)]);
    expect(verdict(compared)).toEqual(["Nothing is worse beyond noise, which was at most 30 % (echo, 20 B)."]);
  });

  it("lists what is worse", () => {
    const compared = compareWithBaseline(SUITE, [row(1), row(0.5)]);
    expect(verdict(compared)).toEqual([
      "Worse than the baseline:",
      "  echo, 20 B: 2.00 µs instead of 1.00 µs (noise 10 %)",
    ]);
  });

  it("refuses a revision that git does not know", () => {
    expect(() => buildBaseline("no-such-revision")).toThrow(
      "git rev-parse failed, so there is nothing to compare with",
    );
  });
});
