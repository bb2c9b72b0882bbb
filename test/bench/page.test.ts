import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { withResults } from "../../bench/harness/page.mjs";
import { SUITE_NAMES } from "../../bench/suites/index.mjs";

it("docs/performance.md shows the results that were kept", () => {
  const page = readFileSync("docs/performance.md", "utf8");
  expect(withResults(page, SUITE_NAMES)).toBe(page);
});

it("a page without its marks is not overwritten", () => {
  expect(() => withResults("# Performance", SUITE_NAMES)).toThrow("has lost one of its marks");
});
