/**
 * Each module of src has a test file of its own, at the same path below test. Biome limits the length of files and
 * functions (biome.json); here the limits are proven to be enforced.
 */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "..");

/** The modules that have no test file yet. The list may only become shorter. */
const STILL_WITHOUT: readonly string[] = [];

const files = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
  .map((file) => file.replaceAll("\\", "/"))
  .filter((file) => file.endsWith(".ts"))
  .sort();

const testOf = (file: string) => `test/${file.replace(/\.ts$/, ".test.ts")}`;
const hasTest = (file: string) => existsSync(join(root, testOf(file)));

/** Whether a module has code of its own, beyond types and names of other modules: its compiled form shows it. */
function hasCode(file: string): boolean {
  const compiled = join(root, "dist", file.replace(/\.ts$/, ".js"));
  if (!existsSync(compiled)) throw new Error(`dist/ lacks src/${file}: run \`npm run build\` first`);
  const rest = readFileSync(compiled, "utf8")
    .replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "")
    .replaceAll(/^export \{[^}]*\}(?: from "[^"]+")?;$/gm, "");
  return rest.trim() !== "";
}

describe("the modules of src", () => {
  const modules = files.filter(hasCode);

  test("modules of types only, and lists of names, are told from modules with code", () => {
    expect(modules).not.toContain("index.ts");
    expect(modules).not.toContain("extensions/extension.ts");
    expect(modules).toEqual(expect.arrayContaining(["fifo.ts", "framing/opcode.ts", "framing/violations.ts"]));
  });

  test("each module has a test file at the same path", () => {
    const without = modules.filter((file) => !hasTest(file) && !STILL_WITHOUT.includes(file));
    expect(without.map(testOf), "these test files are missing").toEqual([]);
  });

  test("STILL_WITHOUT lists only modules that lack a test file: take the others out of it", () => {
    expect(STILL_WITHOUT.filter((file) => !modules.includes(file) || hasTest(file))).toEqual([]);
  });
});

describe("the limits of length", () => {
  interface Finding {
    readonly category: string;
    readonly location: { readonly path: string };
  }

  /** Lints a folder by the two rules of biome.json. @returns the rule and the file of each finding */
  function findingsIn(folder: string): string[] {
    const biome = join(root, "node_modules/@biomejs/biome/bin/biome");
    const rules = ["--only=style/noExcessiveLinesPerFile", "--only=complexity/noExcessiveLinesPerFunction"];
    const options = ["--reporter=json", "--max-diagnostics=none", "--vcs-enabled=false"];
    let output: string;
    try {
      output = execFileSync(process.execPath, [biome, "lint", ...rules, ...options, "src"], {
        cwd: folder,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
      });
    } catch (error) {
      // Biome exits with 1 if it reports anything.
      output = (error as { stdout: string }).stdout;
    }
    const { diagnostics }: { diagnostics: Finding[] } = JSON.parse(output);
    return diagnostics.map(({ category, location }) => `${category} ${location.path.replaceAll("\\", "/")}`).sort();
  }

  const linesOf = (count: number) => Array.from({ length: count }, (_, index) => `  use(${index});\n`).join("");

  test("a file of more than 400 lines and a function of more than 60 are reported", () => {
    const folder = mkdtempSync(join(tmpdir(), "tautline-lengths-"));
    try {
      cpSync(join(root, "biome.json"), join(folder, "biome.json"));
      mkdirSync(join(folder, "src/framing"), { recursive: true });
      const plant = (file: string, text: string) => writeFileSync(join(folder, "src", file), text);
      plant("framing/file-400.ts", linesOf(400));
      plant("framing/file-401.ts", linesOf(401));
      plant("function-60.ts", `function f() {\n${linesOf(60)}}\n`);
      plant("function-61.ts", `function f() {\n${linesOf(61)}}\n`);
      plant("method-61.ts", `class C {\n m() {\n${linesOf(61)}}\n}\n`);
      expect(findingsIn(folder)).toEqual([
        "lint/complexity/noExcessiveLinesPerFunction src/function-61.ts",
        "lint/complexity/noExcessiveLinesPerFunction src/method-61.ts",
        "lint/style/noExcessiveLinesPerFile src/framing/file-401.ts",
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("no function of src is too long, and no file but those that biome.json exempts", () => {
    interface Override {
      readonly includes: readonly string[];
      readonly linter: { readonly rules: { readonly style?: { readonly noExcessiveLinesPerFile?: unknown } } };
    }
    const { overrides }: { overrides: Override[] } = JSON.parse(readFileSync(join(root, "biome.json"), "utf8"));
    const exempt = overrides
      .filter(({ linter }) => linter.rules.style?.noExcessiveLinesPerFile === "off")
      .flatMap(({ includes }) => includes);
    // With --only, Biome reports exempt files as well: an exemption that is not needed any more must go.
    expect(findingsIn(root)).toEqual(exempt.map((file) => `lint/style/noExcessiveLinesPerFile ${file}`).sort());
  });
});
