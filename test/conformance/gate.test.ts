import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countBehaviors, judge, WITHOUT_VERDICT } from "../../conformance/gate.mjs";
import { ALL_CASES } from "../../conformance/selection.mjs";

interface CaseResult {
  behavior?: string;
  behaviorClose?: string;
}

function perfect(): Record<string, CaseResult> {
  const results = ALL_CASES.map((id: string) => {
    const behavior = WITHOUT_VERDICT.includes(id) ? "INFORMATIONAL" : "OK";
    return [id, { behavior, behaviorClose: behavior }];
  });
  return Object.fromEntries(results);
}

describe("the gate", () => {
  it("the conformance gate passes a perfect result: 514 OK and 3 INFORMATIONAL", () => {
    expect(judge(ALL_CASES, perfect())).toEqual([]);
    expect(countBehaviors(perfect())).toEqual({ OK: 514, INFORMATIONAL: 3 });
  });

  it.each(["NON-STRICT", "UNIMPLEMENTED", "FAILED", "INFORMATIONAL", "WRONG CODE", "UNCLEAN", "FAILED BY CLIENT"])(
    "the conformance gate names the case whose behaviour is %s",
    (behavior) => {
      const results = perfect();
      results["6.4.1"] = { behavior, behaviorClose: "OK" };
      results["9.3.1"] = { behavior: "OK", behaviorClose: behavior };
      expect(judge(ALL_CASES, results)).toEqual([
        `6.4.1: behavior is ${behavior}, not OK`,
        `9.3.1: behaviorClose is ${behavior}, not OK`,
      ]);
    },
  );

  it("the conformance gate accepts only OK and INFORMATIONAL for a case without a verdict", () => {
    const results = { ...perfect(), "7.1.6": { behavior: "NON-STRICT", behaviorClose: "INFORMATIONAL" } };
    expect(judge(ALL_CASES, results)).toEqual(["7.1.6: behavior is NON-STRICT, not OK or INFORMATIONAL"]);
  });

  it("the conformance gate names a case without a report, and a reported case that was not selected", () => {
    const { "5.1": one, ...rest } = perfect();
    expect(judge(ALL_CASES, { ...rest, "99.1": one as CaseResult })).toEqual([
      "5.1: has no report",
      "99.1: has a report, but was not selected",
    ]);
  });

  it("the conformance gate fails a report without a verdict, and an empty selection", () => {
    expect(judge(["1.1.1"], { "1.1.1": {} })).toHaveLength(2);
    expect(judge([], {})).toEqual(["no case was selected"]);
  });

  it("the conformance gate reports any single change of a perfect result for the worse", () => {
    const worse = fc.constantFrom(undefined, "NON-STRICT", "UNIMPLEMENTED", "FAILED", "", "ok");
    fc.assert(
      fc.property(
        fc.constantFrom(...ALL_CASES),
        fc.constantFrom("behavior", "behaviorClose"),
        worse,
        (id, what, how) => {
          const results = perfect();
          results[id] = { ...results[id], [what]: how };
          expect(judge(ALL_CASES, results)).toHaveLength(1);
        },
      ),
    );
  });
});
