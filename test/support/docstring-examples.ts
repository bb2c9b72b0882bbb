/** Finds the examples in docstrings, and compiles and runs them as the modules of a user would be. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import type { PublicName } from "./public-names.ts";

const ROOT = join(import.meta.dirname, "../..");
/** In milliseconds, for all examples together. An example that never ends is stopped. */
const TIME_LIMIT = 60_000;

export interface Example {
  /** Its origin, such as "isKey in src/handshake/accept-key.ts". */
  readonly title: string;
  readonly code: string;
}

/** The examples of some names. Several entries may export one name, whose examples are returned once. */
export function examplesOf(names: readonly PublicName[]): readonly Example[] {
  const examples = names.flatMap(({ name, file, docstring }) =>
    exampleCodes(docstring ?? "").map((code) => ({ title: `${name} in ${relative(ROOT, file)}`, code })),
  );
  return examples.filter(({ code }, index) => examples.findIndex((each) => each.code === code) === index);
}

function exampleCodes(docstring: string): readonly string[] {
  const [, ...sections] = docstring.split(/^@example\b/m);
  return sections.map((section) => {
    const [, code] = /^\s*```ts\n(.*?)^```/ms.exec(section) ?? [];
    if (code === undefined) throw new Error(`an @example has no block of TypeScript: ${section.trim().slice(0, 200)}`);
    return code;
  });
}

/** A folder that contains the examples, with the built package installed. */
export class ExampleFolder {
  readonly #folder = mkdtempSync(join(tmpdir(), "tautline-examples-"));
  readonly #files: readonly string[];

  constructor(examples: readonly Example[]) {
    mkdirSync(join(this.#folder, "node_modules"));
    symlinkSync(ROOT, join(this.#folder, "node_modules/tautline"), "junction");
    writeFileSync(join(this.#folder, "package.json"), '{ "name": "examples", "type": "module" }');
    this.#files = examples.map((_, index) => `example-${index}`);
    for (const [index, { title, code }] of examples.entries()) {
      // The code of an example is JavaScript as well. A comment leads from an error to its source.
      const text = `// ${title}\n${code}`;
      writeFileSync(join(this.#folder, `${this.#files[index]}.mjs`), text);
      writeFileSync(join(this.#folder, `${this.#files[index]}.mts`), text);
    }
  }

  /** Runs all examples, one after the other, in one process. @returns the exception of each, or null */
  async run(): Promise<readonly (string | null)[]> {
    const program = `
      import { writeFileSync } from "node:fs";
      const results = [];
      for (const file of ${JSON.stringify(this.#files)}) {
        const result = await import(\`./\${file}.mjs\`).then(() => null, (error) => String(error?.stack ?? error));
        results.push(result);
      }
      writeFileSync("results.json", JSON.stringify(results));`;
    writeFileSync(join(this.#folder, "main.mjs"), program);
    const { error, output } = await this.#execute(process.execPath, ["main.mjs"]);
    if (error !== null) throw new Error(`the examples did not end by themselves: ${error.message}\n${output}`);
    return JSON.parse(readFileSync(join(this.#folder, "results.json"), "utf8"));
  }

  /** Compiles all examples as strictly as a user can. @returns the errors; "" for none */
  async compile(): Promise<string> {
    const { compilerOptions } = JSON.parse(readFileSync(join(ROOT, "test/consumer/tsconfig.json"), "utf8"));
    const options = { ...compilerOptions, typeRoots: [join(ROOT, "node_modules/@types")] };
    const files = this.#files.map((file) => `${file}.mts`);
    writeFileSync(join(this.#folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, files }));
    const compiler = join(ROOT, "node_modules/typescript/bin/tsc");
    const { output } = await this.#execute(process.execPath, [compiler, "-p", "tsconfig.json"]);
    return output;
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #execute(program: string, args: readonly string[]): Promise<{ error: Error | null; output: string }> {
    const options = { cwd: this.#folder, timeout: TIME_LIMIT, maxBuffer: 1 << 26 };
    return new Promise((resolve) => {
      execFile(program, args, options, (error, stdout, stderr) => resolve({ error, output: stdout + stderr }));
    });
  }
}
