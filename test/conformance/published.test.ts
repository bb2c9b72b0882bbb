import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { countBehaviors, judge } from "../../conformance/gate.mjs";
import { pageOf } from "../../conformance/page.mjs";
import { publishedResults } from "../../conformance/publish.mjs";
import { ALL_CASES } from "../../conformance/selection.mjs";

const published = publishedResults();

describe("the published results", () => {
  it("the published results are of Tautline, ws and Bun, each in both roles and with all cases", () => {
    expect(published.map(({ peer }) => peer)).toEqual(["tautline", "ws", "bun"]);
    for (const { roles } of published) {
      for (const role of ["server", "client"]) expect(Object.keys(roles[role])).toEqual(ALL_CASES);
    }
  });

  it.each(["server", "client"])("the published results of Tautline as a %s pass the gate", (role) => {
    const [{ roles }] = published;
    expect(judge(ALL_CASES, roles[role])).toEqual([]);
    expect(countBehaviors(roles[role])).toEqual({ OK: 514, INFORMATIONAL: 3 });
  });

  it("the published results are shown unchanged by docs/conformance.md", () => {
    expect(readFileSync("docs/conformance.md", "utf8")).toBe(pageOf(published));
  });
});
