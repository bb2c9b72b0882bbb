import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..");

interface Row {
  readonly rule: string;
  readonly code: string;
  readonly tests: readonly { readonly file: string; readonly title: string }[];
}

function readRows(page: string): Row[] {
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

describe.each([
  { page: "rfc-coverage.md", least: 61 },
  { page: "whatwg-stream-coverage.md", least: 35 },
])("docs/$page", ({ page, least }) => {
  const rows = readRows(page);

  it("has rows", () => {
    expect(rows.length).toBeGreaterThanOrEqual(least);
  });

  it.each(rows)("names code and tests of '$rule' that exist", ({ code, tests }) => {
    expect(existsSync(join(ROOT, "src", code)), `src/${code}`).toBe(true);
    for (const { file, title } of tests) {
      expect(readFileSync(join(ROOT, "test", file), "utf8"), `test/${file}`).toContain(title);
    }
  });
});
