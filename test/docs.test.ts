/** The pages in docs/ name files that exist, and keep to the style of the project. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..");
const PAGES = [
  "README.md",
  ...readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".md"))
    .map((file) => join("docs", file)),
];
const textOf = (page: string) => readFileSync(join(ROOT, page), "utf8");
const files = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" }).map((file) =>
  file.replaceAll("\\", "/"),
);
const names = new Set([...files, ...files.map((file) => basename(file))]);

test("every module that docs/architecture.md names is in src", () => {
  const page = readFileSync(join(ROOT, "docs/architecture.md"), "utf8");
  const named = [...page.matchAll(/(?<![\w./-])(?:[\w-]+\/)*[\w-]+\.ts\b/g)].map(([name]) => name);
  expect(named.length).toBeGreaterThan(20);
  const missing = named.filter((name) => !names.has(name) && !name.startsWith("test/"));
  expect(missing).toEqual([]);
});

test("every class that docs/architecture.md names in code is in src", () => {
  const page = readFileSync(join(ROOT, "docs/architecture.md"), "utf8");
  const source = files
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(join(ROOT, "src", file), "utf8"))
    .join("\n");
  const named = [...page.matchAll(/`(?:\w+\/)?([A-Z][a-z]+[A-Z]\w+|[A-Z][a-z]{3,})`/g)].map(
    ([, name]) => name as string,
  );
  const missing = named.filter((name) => !new RegExp(`\\b(class|interface|type) ${name}\\b`).test(source));
  expect([...new Set(missing)]).toEqual([]);
});

/** The anchor that GitHub gives to a heading. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");

/** The relative links of a page without their file or heading. */
function brokenLinks(page: string): string[] {
  const links = [...textOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
  return links.filter((link) => {
    if (/^\w+:/.test(link)) return false;
    const [file = "", anchor] = link.split("#");
    const target = file === "" ? page : join(dirname(page), file);
    if (!existsSync(join(ROOT, target))) return true;
    if (anchor === undefined) return false;
    return ![...textOf(target).matchAll(/^#+ (.*)$/gm)].some(([, heading = ""]) => anchorOf(heading) === anchor);
  });
}

test("the pages under test are README.md and those in docs/ and docs/decisions/", () => {
  expect(PAGES).toContain(join("docs", "architecture.md"));
  expect(PAGES).toContain(join("docs", "decisions", "README.md"));
});

test.each(PAGES)("every relative link in %s leads to a file, and to a heading if it names one", (page) => {
  expect(brokenLinks(page)).toEqual([]);
});

test("every decision record is listed in docs/decisions/README.md under its own title", () => {
  const index = textOf("docs/decisions/README.md");
  for (const file of readdirSync(join(ROOT, "docs/decisions")).filter((name) => /^\d/.test(name))) {
    const [, title] = /^# (.*)$/m.exec(textOf(join("docs/decisions", file))) ?? [];
    expect(index).toContain(`- [${title}](${file})\n`);
  }
});

test.each(PAGES)("%s writes microseconds as µs and not as us", (page) => {
  expect(textOf(page).match(/.*(?:\d|\|) us\b.*/g) ?? []).toEqual([]);
});
