/**
 * The rules about imports are in biome.json, where the editor shows them. These tests prove that they are enforced: a copy
 * of src gets a file of planted imports in each folder, and one run of Biome must report the wrong ones and nothing else.
 */
import { execFile, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const src = join(root, "src");

interface Planted {
  /** Where the imports are planted; a file that exists keeps its text and gets them at its end. */
  readonly file: string;
  readonly wrong: readonly string[];
  readonly right: readonly string[];
}

const network = ["node:net", "node:tls", "node:http", "node:https", "node:http2"];
const impure = [...network, "node:timers", "node:timers/promises", "node:events", "node:stream", "node:fs/promises"];

/** `x.ts` is any file: it does not exist, so that what is planted in a real file makes no real cycle. */
const folders: readonly Planted[] = [
  {
    file: "src/index.ts",
    wrong: ["node:net", "node:events", "ws", "../test/support/x.ts"],
    right: ["./framing/index.ts", "./node/x.ts", "./websocket/x.ts"],
  },
  {
    file: "src/deadline.ts",
    wrong: ["./errors.ts", "./connection/x.ts", "node:timers", "ws"],
    right: [],
  },
  {
    file: "src/errors.ts",
    wrong: ["./framing/x.ts", "./handshake/x.ts", "./x.ts", "node:buffer", "ws"],
    right: [],
  },
  {
    file: "src/fifo.ts",
    wrong: ["./errors.ts", "./connection/x.ts", "node:buffer", "ws"],
    right: [],
  },
  {
    file: "src/uncaught.ts",
    wrong: ["./errors.ts", "./connection/x.ts", "node:process", "ws"],
    right: [],
  },
  {
    file: "src/arguments/planted.ts",
    wrong: [
      "../errors.ts",
      "./../errors.ts",
      "../framing/x.ts",
      "../connection/x.ts",
      "../index.ts",
      "node:util",
      "ws",
    ],
    right: ["./x.ts", "./index.ts"],
  },
  {
    file: "src/framing/planted.ts",
    wrong: [
      ...["../http/x.ts", "../extensions/x.ts", "../handshake/x.ts", "../endpoint/x.ts", "../connection/x.ts"],
      ...["../node/x.ts", "../websocket/x.ts"],
      ...["../index.ts", "./../connection/x.ts", "../../src/node/x.ts", "node:zlib", "ws", "@scope/name", ...impure],
    ],
    right: ["./x.ts", "../errors.ts", "../arguments/index.ts", "node:buffer", "node:crypto"],
  },
  {
    file: "src/http/planted.ts",
    wrong: [
      ...["../framing/x.ts", "../extensions/x.ts", "../handshake/x.ts", "../connection/x.ts", "../node/x.ts"],
      ...["../websocket/x.ts", "../index.ts", "./../handshake/x.ts", "node:crypto", "node:zlib", "undici", ...impure],
    ],
    right: ["./x.ts", "../errors.ts", "../arguments/index.ts", "node:buffer"],
  },
  {
    file: "src/handshake/planted.ts",
    wrong: [
      ...["../framing/x.ts", "../endpoint/x.ts", "../connection/x.ts", "../node/x.ts", "../websocket/x.ts"],
      ...["../index.ts"],
      ...["node:zlib", "undici", ...impure],
    ],
    right: [
      ...["./x.ts", "../errors.ts", "../arguments/index.ts", "../http/x.ts", "../extensions/index.ts"],
      ...["node:buffer", "node:crypto"],
    ],
  },
  {
    file: "src/extensions/planted.ts",
    wrong: [
      ...[
        "../http/x.ts",
        "../handshake/x.ts",
        "../endpoint/x.ts",
        "../connection/x.ts",
        "../node/x.ts",
        "../websocket/x.ts",
      ],
      ...["../index.ts", "node:zlib", "ws", ...impure],
    ],
    right: [
      ...["./x.ts", "./permessage-deflate/x.ts", "../errors.ts", "../arguments/index.ts", "../framing/x.ts"],
      ...["../http/token.ts", "node:buffer"],
    ],
  },
  {
    file: "src/extensions/permessage-deflate/planted.ts",
    wrong: [
      ...[
        "../../http/token.ts",
        "../../handshake/x.ts",
        "../../endpoint/x.ts",
        "../../connection/x.ts",
        "../../node/x.ts",
        "../../websocket/x.ts",
      ],
      ...["../../index.ts", "ws", ...network],
    ],
    right: [
      ...["./x.ts", "../x.ts", "../index.ts", "../../errors.ts", "../../arguments/index.ts", "../../framing/x.ts"],
      ...["node:zlib", "node:buffer"],
    ],
  },
  {
    file: "src/endpoint/planted.ts",
    wrong: [
      ...["../http/x.ts", "../handshake/x.ts", "../connection/x.ts", "../node/x.ts", "../websocket/x.ts"],
      ...["../index.ts"],
      ...["node:events", "node:stream", "node:zlib", "ws", ...network],
    ],
    right: ["./x.ts", "../errors.ts", "../framing/x.ts", "../extensions/x.ts", "node:timers"],
  },
  {
    file: "src/connection/planted.ts",
    wrong: [...["../websocket/x.ts", "../index.ts"], ...["node:zlib", "ws", "node:tls", "node:https", "node:http2"]],
    right: [
      ...["./x.ts", "../errors.ts", "../framing/x.ts", "../extensions/x.ts", "../endpoint/x.ts", "../node/x.ts"],
      ...["../handshake/x.ts", "node:events", "node:stream", "node:timers", "node:net", "node:http"],
    ],
  },
  {
    file: "src/node/planted.ts",
    wrong: ["../connection/x.ts", "../websocket/x.ts", "../index.ts", "node:zlib", "ws"],
    right: [
      ...["./x.ts", "../errors.ts", "../framing/x.ts", "../extensions/x.ts", "../endpoint/x.ts", "../handshake/x.ts"],
      ...["../http/x.ts", "node:events", "node:timers/promises", ...network],
    ],
  },
  {
    file: "src/websocket/planted.ts",
    wrong: ["../connection/x.ts", "../index.ts", "node:zlib", "ws", ...network],
    right: ["./x.ts", "../errors.ts", "../framing/x.ts", "../endpoint/x.ts", "../node/x.ts", "node:events"],
  },
];

const bystanders = ["src/framing/planted-cycle-a.ts", "src/framing/planted-cycle-b.ts", "src/framing/planted-forms.ts"];

/** Every way of naming another module has to be seen, types included. */
const forms = [
  'import "../connection/x.ts";',
  'import { a } from "../connection/x.ts";',
  'import type { B } from "../connection/x.ts";',
  'export { c } from "../connection/x.ts";',
  'export type { D } from "../connection/x.ts";',
  'export * from "../connection/x.ts";',
  'export const e = await import("../connection/x.ts");',
];

interface Finding {
  readonly rule: string;
  readonly file: string;
  readonly line: number;
}

let temporary = "";
let findings: readonly Finding[] = [];
/** The first planted line of each file, counted from 1. */
const firstLines = new Map<string, number>();

beforeAll(async () => {
  temporary = mkdtempSync(join(tmpdir(), "tautline-architecture-"));
  cpSync(join(root, "biome.json"), join(temporary, "biome.json"));
  cpSync(src, join(temporary, "src"), { recursive: true });
  for (const { file, wrong, right } of folders) {
    plant(
      file,
      [...wrong, ...right].map((specifier) => `import "${specifier}";`),
    );
  }
  plant("src/framing/planted-forms.ts", forms);
  const cycle = (other: string) => [`import { ${other} } from "./planted-cycle-${other}.ts";`];
  plant("src/framing/planted-cycle-a.ts", [...cycle("b"), "export const a = (): unknown => b;"]);
  plant("src/framing/planted-cycle-b.ts", [...cycle("a"), "export const b = (): unknown => a;"]);
  findings = await lint(temporary);
});

afterAll(() => {
  if (temporary !== "") {
    rmSync(temporary, { recursive: true, force: true });
  }
});

describe("the rules about imports", () => {
  test.each(folders)("the rules about imports are enforced in $file", ({ file, wrong, right }) => {
    const planted = [...wrong, ...right];
    const first = firstLines.get(file) ?? Number.NaN;
    const reported = restricted(file).map((line) => planted[line - first] ?? `line ${line}`);
    expect(reported).toEqual(wrong);
  });

  test("the rules about imports see every form of import, type-only ones included", () => {
    expect(restricted("src/framing/planted-forms.ts").map((line) => forms[line - 1])).toEqual(forms);
  });

  test("the rules about imports see a cycle", () => {
    const cycles = findings.filter(({ rule }) => rule === "lint/suspicious/noImportCycles").map(({ file }) => file);
    expect(cycles).toEqual(["src/framing/planted-cycle-a.ts", "src/framing/planted-cycle-b.ts"]);
  });

  test("src breaks no rule about imports", () => {
    const planted = new Set([...folders.map(({ file }) => file), ...bystanders]);
    expect(findings.filter(({ file }) => !planted.has(file))).toEqual([]);
  });

  test("each folder and file of src has a rule about imports", () => {
    // A new folder needs its own rule in biome.json, and its line in `folders`.
    const known = new Set(folders.map(({ file }) => file.split("/")[1]));
    const entries = readdirSync(src).filter((entry) => !known.has(entry));
    expect(entries).toEqual([]);
  });
});

describe("what lint cannot express", () => {
  test("no import hides as require(), createRequire() or an import() type", () => {
    const hidden = sourceFiles()
      .filter((file) => /\brequire\s*\(|\bcreateRequire\b|(?<!\bawait\s+)\bimport\s*\(/.test(code(file)))
      .map((file) => file.slice(root.length));
    expect(hidden, "write `import type` or `await import()`, which lint can see").toEqual([]);
  });

  test("connection uses node:net and node:http for types only", () => {
    const atRunTime = sourceFiles()
      .filter((file) => file.startsWith(join(src, "connection")))
      .filter((file) => /import(?! type)[^;]*"node:(net|http)"/.test(code(file)));
    expect(atRunTime).toEqual([]);
  });

  test("index.ts only re-exports", () => {
    const rest = code(join(src, "index.ts"))
      .replaceAll(/export\s+(?:type\s+)?(?:\{[^}]*\}|\*(?:\s+as\s+\w+)?)\s+from\s+"\.\/[^"]+";/g, "")
      .trim();
    expect(rest).toBe("");
  });

  /** The other folders follow. An entry has no code of its own: test/public-entries.test.ts tests it. */
  test.each(["http", "handshake"])(
    "each module of src/%s has a test file of its own, and no test file is left over",
    (folder) => {
      const modules = readdirSync(join(src, folder)).filter((file) => file !== "public.ts");
      const tests = readdirSync(join(root, "test", folder)).map((file) => file.replace(/\.test\.ts$/, ".ts"));
      expect(tests.sort()).toEqual(modules.sort());
    },
  );

  test("nothing is needed at run time but node", () => {
    const manifest: Record<string, unknown> = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    for (const field of ["dependencies", "peerDependencies", "optionalDependencies", "bundleDependencies"]) {
      expect(manifest).not.toHaveProperty(field);
    }
  });
});

describe("the built package", () => {
  const specifiers = ["tautline", "tautline/framing", "tautline/handshake", "tautline/extensions"];
  let consumer = "";

  beforeAll(() => {
    expect(existsSync(join(root, "dist/index.js")), "dist is missing: run `npm run build` first").toBe(true);
    // Only what npm would pack: the manifest and what `files` names. No dependency lies beside it.
    consumer = mkdtempSync(join(tmpdir(), "tautline-consumer-"));
    const installed = join(consumer, "node_modules/tautline");
    // A package of its own, so that node does not look for one in the folders above.
    writeFileSync(join(consumer, "package.json"), '{ "name": "consumer" }');
    const manifest: { files: string[] } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    for (const entry of ["package.json", ...manifest.files]) {
      cpSync(join(root, entry), join(installed, entry), { recursive: true });
    }
  });

  afterAll(() => {
    if (consumer !== "") {
      rmSync(consumer, { recursive: true, force: true });
    }
  });

  test("the built package exports the same names by import and by require()", () => {
    const names = "Object.keys(module).filter((name) => name !== 'module.exports').sort()";
    const list = JSON.stringify(specifiers);
    const imported = run(
      "consumer.mjs",
      `const found = {};
       for (const name of ${list}) { const module = await import(name); found[name] = ${names}; }
       process.stdout.write(JSON.stringify(found));`,
    );
    const required = run(
      "consumer.cjs",
      `const found = {};
       for (const name of ${list}) { const module = require(name); found[name] = ${names}; }
       process.stdout.write(JSON.stringify(found));`,
    );
    expect(required).toEqual(imported);
    for (const specifier of specifiers) {
      expect(imported[specifier], specifier).not.toEqual([]);
    }
    expect(imported["tautline"]).toEqual(expect.arrayContaining(["WebSocketServer", "connect"]));
  });

  test("the built package has types behind every entry", () => {
    const manifest: { exports: Record<string, string | { types: string }> } = JSON.parse(
      readFileSync(join(root, "package.json"), "utf8"),
    );
    for (const specifier of specifiers) {
      const entry = manifest.exports[specifier.replace("tautline", ".")];
      const types = typeof entry === "object" ? entry.types : "no types";
      expect(existsSync(join(consumer, "node_modules/tautline", types)), `${specifier}: ${types}`).toBe(true);
    }
  });

  function run(file: string, text: string): Record<string, string[]> {
    writeFileSync(join(consumer, file), text);
    const { status, stdout, stderr } = spawnSync(process.execPath, [file], { cwd: consumer, encoding: "utf8" });
    expect(status, stderr).toBe(0);
    return JSON.parse(stdout);
  }
});

function plant(file: string, lines: readonly string[]): void {
  const path = join(temporary, file);
  const before = existsSync(path) ? `${readFileSync(path, "utf8").trimEnd()}\n` : "";
  firstLines.set(file, before.split("\n").length);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${before}${lines.join("\n")}\n`);
}

async function lint(folder: string): Promise<Finding[]> {
  const biome = join(root, "node_modules/@biomejs/biome/bin/biome");
  const rules = ["--only=style/noRestrictedImports", "--only=suspicious/noImportCycles"];
  const options = ["--reporter=json", "--max-diagnostics=none", "--vcs-enabled=false"];
  // Biome ends with 1 when it reports anything, which execFile makes an error that carries the output.
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [biome, "lint", ...rules, ...options, "src"], {
    cwd: folder,
    maxBuffer: 1 << 26,
  }).catch((error: { stdout: string; stderr: string }) => error);
  if (!stdout.startsWith("{")) {
    throw new Error(`Biome gave no report:\n${stderr}`);
  }
  interface Diagnostic {
    readonly category: string;
    readonly location: { readonly path: string; readonly start?: { readonly line: number } };
  }
  const report: { diagnostics: Diagnostic[] } = JSON.parse(stdout);
  return report.diagnostics
    .map(({ category, location }) => ({
      rule: category,
      file: location.path.replaceAll("\\", "/"),
      line: location.start?.line ?? 0,
    }))
    .sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
}

function restricted(path: string): number[] {
  return findings
    .filter(({ rule, file }) => rule === "lint/style/noRestrictedImports" && file === path)
    .map(({ line }) => line);
}

function sourceFiles(): string[] {
  return readdirSync(src, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join(src, file));
}

/** A file's text without its comments (roughly: what looks like one within a string goes too). */
function code(file: string): string {
  return readFileSync(file, "utf8").replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
}
