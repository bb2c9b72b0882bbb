import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";

const ROOT = join(import.meta.dirname, "../..");

/** A rule of a standard, where it stands in `src/`, and the tests that fail without it. */
export interface CoverageRow {
  readonly rule: string;
  readonly code: string;
  readonly tests: readonly { readonly file: string; readonly title: string }[];
}

/** The rows of the tables of a page in `docs/`. */
export function coverageRows(page: string): CoverageRow[] {
  const lines = readFileSync(join(ROOT, "docs", page), "utf8").split("\n");
  return lines.flatMap((line) => {
    const [, rule, code, tests] = /^\| (.*?) \| `(.*?)` \| (.*) \|$/.exec(line) ?? [];
    if (rule === undefined || code === undefined || tests === undefined) return [];
    return [{ rule, code, tests: tests.split("<br>").map(readTest) }];
  });
}

function readTest(text: string): { file: string; title: string } {
  const [, file = "", title = ""] = /^`(.*?)`: (.*)$/.exec(text) ?? [];
  return { file, title };
}

/** Checks that the file and the tests of a row are there. */
export function checkCoverage({ code, tests }: CoverageRow): void {
  expect(existsSync(join(ROOT, "src", code)), `src/${code}`).toBe(true);
  for (const { file, title } of tests) {
    expect(readFileSync(join(ROOT, "test", file), "utf8"), `test/${file}`).toContain(title);
  }
}
