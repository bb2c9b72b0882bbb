import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..");

it("a strict program compiles against the shipped types, with the checks of library declarations enabled", () => {
  const project = join(ROOT, "test/consumer/tsconfig.json");
  const { status, stdout } = spawnSync(join(ROOT, "node_modules/.bin/tsc"), ["-p", project], { encoding: "utf8" });
  expect(stdout).toBe("");
  expect(status).toBe(0);
});
