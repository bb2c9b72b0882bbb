import { describe, expect, it } from "vitest";
import { ALL_CASES, cutIntoRuns, SAMPLE, selectCases } from "../../conformance/selection.mjs";

const numbers = (id: string) => id.split(".").map(Number);

function isBefore(one: string, other: string): boolean {
  const [a, b] = [numbers(one), numbers(other)];
  const at = a.findIndex((number, index) => number !== b[index]);
  return at >= 0 && (a[at] as number) < (b[at] ?? -1);
}

describe("the cases", () => {
  it("the cases are all 517 of the suite, each once, in the suite's numeric order", () => {
    expect(ALL_CASES).toHaveLength(517);
    for (const [index, id] of ALL_CASES.slice(1).entries()) expect(isBefore(ALL_CASES[index], id)).toBe(true);
  });

  it("the cases are selected by patterns, in the suite's order", () => {
    expect(selectCases(["12.1.1", "2.1", "6.4.*"])).toEqual(["2.1", "6.4.1", "6.4.2", "6.4.3", "6.4.4", "12.1.1"]);
    expect(selectCases(["*"])).toEqual(ALL_CASES);
    expect(selectCases(["1.*", "1.1.1"]).every((id: string) => id.startsWith("1."))).toBe(true);
    expect(selectCases(["2.1*"])).toEqual(["2.1", "2.10", "2.11"]);
  });

  it.each(["8.*", "1.1.99", "", "1.1.1 ", "[", "1.1.1|2.1"])("a pattern without a case is an error: %j", (pattern) => {
    expect(() => selectCases(["1.1.1", pattern])).toThrow(`no case is called ${JSON.stringify(pattern)}`);
  });

  it("the cases that CI runs are all except two slow groups, and at least one of each kind in these", () => {
    const sample = selectCases(SAMPLE);
    const isSlow = (id: string) => [12, 13].includes(numbers(id)[0] as number);
    expect(sample.filter((id: string) => !isSlow(id))).toEqual(ALL_CASES.filter((id: string) => !isSlow(id)));
    const kindOf = (id: string) => numbers(id).slice(0, 2).join(".");
    expect(new Set(sample.map(kindOf))).toEqual(new Set(ALL_CASES.map(kindOf)));
  });

  it("the cases are cut into runs that are in order and contain each case once", () => {
    const runs: string[][] = cutIntoRuns(ALL_CASES);
    expect(runs.flat().sort()).toEqual([...ALL_CASES].sort());
    for (const run of runs) expect(run).toEqual(selectCases(run));
    expect(cutIntoRuns([])).toEqual([]);
  });
});
