import { expect, it } from "vitest";
import { checkCoverage, coverageRows } from "./support/coverage-rows.ts";

const rows = coverageRows("rfc-coverage.md");

it("docs/rfc-coverage.md has rows", () => {
  expect(rows.length).toBeGreaterThan(60);
});

it.each(rows)("docs/rfc-coverage.md: the code and the tests of '$rule' are there", checkCoverage);
