import { expect, it } from "vitest";
import { checkCoverage, coverageRows } from "./support/coverage-rows.ts";

const rows = coverageRows("whatwg-stream-coverage.md");

it("docs/whatwg-stream-coverage.md has rows", () => {
  expect(rows.length).toBeGreaterThan(34);
});

it.each(rows)("docs/whatwg-stream-coverage.md: the code and the tests of '$rule' are there", checkCoverage);
