import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..");

interface Row {
  readonly rule: string;
  readonly code: string;
  readonly tests: readonly { readonly file: string; readonly title: string }[];
}

function readRows(): Row[] {
  const lines = readFileSync(join(ROOT, "docs/rfc-coverage.md"), "utf8").split("\n");
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

const rows = readRows();

it("docs/rfc-coverage.md has rows", () => {
  expect(rows.length).toBeGreaterThan(60);
});

it.each(rows)("docs/rfc-coverage.md: the code and the tests of '$rule' are there", ({ code, tests }) => {
  expect(existsSync(join(ROOT, "src", code)), `src/${code}`).toBe(true);
  for (const { file, title } of tests) {
    expect(readFileSync(join(ROOT, "test", file), "utf8"), `test/${file}`).toContain(title);
  }
});
