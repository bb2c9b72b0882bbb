import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..");

it.each([
  ["a strict program that checks its libraries' declarations, too", "tsconfig.json"],
  ["such a program with the types of a page", "browser.tsconfig.json"],
])("the shipped types hold in %s", (_, file) => {
  const project = join(ROOT, "test/consumer", file);
  const { status, stdout } = spawnSync(join(ROOT, "node_modules/.bin/tsc"), ["-p", project], { encoding: "utf8" });
  expect(stdout).toBe("");
  expect(status).toBe(0);
});
