import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { publicNames } from "./public-names.ts";

/** Writes some files. @returns the first one */
function files(texts: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "tautline-names-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [file, text] of Object.entries(texts)) writeFileSync(join(folder, file), text);
  return join(folder, Object.keys(texts)[0] ?? "");
}

test("names are found with their kind and docstring, through several files and under another name", () => {
  const entry = files({
    "entry.ts":
      'export { one, type Two, three as four } from "./barrel.ts";\n\n/** Own. */\nexport const own = 1;\nconst hidden = 2;\n',
    "barrel.ts": 'export { one, type Two } from "./code.ts";\nexport { three } from "./code.ts";\n',
    "code.ts":
      "/** Not this. */\nconst x = 1;\n\n/**\n * First.\n *\n *   - indented\n */\nexport function one(): void;\nexport function one() {}\n\n/** Second. */\nexport interface Two {}\nexport class three {}\n",
  });
  expect(publicNames(entry).map(({ name, isType, docstring }) => [name, isType, docstring])).toEqual([
    ["Two", true, "Second."],
    ["four", false, null],
    ["one", false, "First.\n\n  - indented"],
    ["own", false, "Own."],
  ]);
});

test("a class that is exported as a type only is a type", () => {
  const entry = files({ "entry.ts": 'export type { A } from "./code.ts";\n', "code.ts": "export class A {}\n" });
  expect(publicNames(entry)).toMatchObject([{ name: "A", isType: true }]);
});

test("a name that no file declares is an error, and so is `export *`", () => {
  const missing = files({ "entry.ts": 'export { a } from "./code.ts";\n', "code.ts": "" });
  expect(() => publicNames(missing)).toThrow(/code\.ts does not declare a$/);
  const all = files({ "entry.ts": 'export * from "./code.ts";\n', "code.ts": "" });
  expect(() => publicNames(all)).toThrow("exports names that it does not list");
});
