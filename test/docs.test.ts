/** The pages in docs/ name files, and those exist. */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..");
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
