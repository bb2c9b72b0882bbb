import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { GOALS } from "../../bench/harness/goals.mjs";
import { SHOWN } from "../../bench/harness/overview.mjs";
import { PAGES, withResults } from "../../bench/harness/page.mjs";
import { SUITE_NAMES, SUITES } from "../../bench/suites/index.mjs";

it.each(PAGES)("%s shows the results that were kept", (path) => {
  const page = readFileSync(path, "utf8");
  expect(withResults(page, path, SUITE_NAMES)).toBe(page);
});

it.each(PAGES)("%s without its marks is not overwritten", (path) => {
  expect(() => withResults("# A page", path, SUITE_NAMES)).toThrow(`${path} has lost one of its marks`);
});

const NAMED = [...GOALS, ...SHOWN].map(([suite, name]) => ({ suite, name }));

it.each(NAMED)("a table that shows $suite, $name names a case that is measured", ({ suite, name }) => {
  const { cases = [] } = SUITES.find((each) => each.name === suite) ?? {};
  expect(cases.map((each: { name: string }) => each.name)).toContain(name);
});
