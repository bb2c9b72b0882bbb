import { expect, it } from "vitest";
import { checkCoverage, coverageRows } from "./support/coverage-rows.ts";

const rows = coverageRows("whatwg-coverage.md");

it("docs/whatwg-coverage.md has rows", () => {
  expect(rows.length).toBeGreaterThan(40);
});

it.each(rows)("docs/whatwg-coverage.md: the code and the tests of '$rule' are there", checkCoverage);

it("docs/whatwg-coverage.md names each rule once", () => {
  const rules = rows.map(({ rule }) => rule);
  expect(rules.filter((rule, index) => rules.indexOf(rule) < index)).toEqual([]);
});
