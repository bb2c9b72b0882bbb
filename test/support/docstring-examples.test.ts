import { expect, onTestFinished, test } from "vitest";
import { type Example, ExampleFolder, examplesOf } from "./docstring-examples.ts";
import type { PublicName } from "./public-names.ts";

function folderOf(...codes: readonly string[]): ExampleFolder {
  const examples: Example[] = codes.map((code, index) => ({ title: `example ${index}`, code }));
  const folder = new ExampleFolder(examples);
  onTestFinished(() => folder.remove());
  return folder;
}

const named = (name: string, docstring: string | null): PublicName => ({
  name,
  isType: false,
  file: "/a/src/b.ts",
  docstring,
});

test("the examples of a docstring are its blocks of TypeScript after @example", () => {
  const docstring =
    "Text.\n\n```ts\nignored();\n```\n\n@example\n```ts\na();\n```\n\n@example A title\n```ts\nb();\nc();\n```";
  expect(examplesOf([named("f", docstring)]).map(({ code }) => code)).toEqual(["a();\n", "b();\nc();\n"]);
  expect(examplesOf([named("f", docstring), named("g", docstring)])).toHaveLength(2);
  expect(examplesOf([named("f", null), named("g", "Text.")])).toEqual([]);
});

test("an @example without a block of TypeScript is an error", () => {
  expect(() => examplesOf([named("f", "Text.\n@example f()")])).toThrow("an @example has no block of TypeScript: f()");
});

test("an example that throws or fails an assertion is reported, and the others run", async () => {
  const folder = folderOf(
    'import { isKey } from "tautline/handshake";\nif (isKey("")) throw new Error("a key");\n',
    'throw new Error("mine");\n',
    'import assert from "node:assert/strict";\nassert.equal(1, 2);\n',
    'import { missing } from "tautline/handshake";\nmissing();\n',
  );
  const results = await folder.run();
  expect(results[0]).toBeNull();
  expect(results[1]).toContain("mine");
  expect(results[2]).toContain("AssertionError");
  expect(results[3]).toContain("missing");
});

test("an example that ends the process fails all", async () => {
  await expect(folderOf("process.exit(3);\n").run()).rejects.toThrow("the examples did not end by themselves");
});

test("an example with a wrong type is reported with its file", async () => {
  const folder = folderOf('import { isKey } from "tautline/handshake";\nisKey(5);\n');
  expect(await folder.compile()).toMatch(/^example-0\.mts\(3,7\): error TS2345/);
});
