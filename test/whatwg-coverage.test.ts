import { describe, expect, it } from "vitest";
import { checkCoverage, coverageRows } from "./support/coverage-rows.ts";

describe.each([
  { page: "whatwg-coverage.md", least: 41 },
  { page: "whatwg-stream-coverage.md", least: 35 },
])("docs/$page", ({ page, least }) => {
  const rows = coverageRows(page);

  it(`docs/${page} has at least ${least} rows`, () => {
    expect(rows.length).toBeGreaterThanOrEqual(least);
  });

  it.each(rows)(`docs/${page}: the code and the tests of '$rule' are there`, checkCoverage);

  it(`docs/${page} names each rule once`, () => {
    const rules = rows.map(({ rule }) => rule);
    expect(rules.filter((rule, index) => rules.indexOf(rule) < index)).toEqual([]);
  });
});
