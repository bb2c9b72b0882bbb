/** Reads the names that an entry of the package exports, types included, and their docstrings, from its source. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

export interface PublicName {
  readonly name: string;
  /** Whether it exists in types only. */
  readonly isType: boolean;
  /** The file that declares it. */
  readonly file: string;
  /** The text of the docstring without its asterisks; null if there is none. */
  readonly docstring: string | null;
}

interface ReExport {
  /** The name in the file that it comes from. */
  readonly original: string;
  readonly name: string;
  readonly isType: boolean;
  readonly from: string;
}

/** All names that a module exports, sorted. */
export function publicNames(entry: string): readonly PublicName[] {
  const text = readFileSync(entry, "utf8");
  const declared = [...text.matchAll(DECLARATION)].map(([, , name = ""]) => name);
  const own = [...new Set(declared)].map((name) => resolve(entry, name));
  const others = reExports(entry).map(({ original, name, isType, from }) => {
    const found = resolve(from, original);
    return { ...found, name, isType: isType || found.isType };
  });
  return [...own, ...others].sort((a, b) => (a.name < b.name ? -1 : 1));
}

const DECLARATION =
  /^export (?:declare )?(?:abstract )?(?:async )?(class|function\*?|const|let|interface|type|enum) (\w+)/gm;
const RE_EXPORT = /^export (type )?\{([^}]*)\} from "([^"]+)";/gm;

function reExports(file: string): readonly ReExport[] {
  const text = readFileSync(file, "utf8");
  if (/^export \*/m.test(text)) throw new Error(`${file} exports names that it does not list`);
  return [...text.matchAll(RE_EXPORT)].flatMap(([, type, list = "", specifier = ""]) =>
    list
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== "")
      .map((item) => {
        const [, itemType, original = "", name = original] = /^(type )?(\w+)(?: as (\w+))?$/.exec(item) ?? [];
        const isType = type !== undefined || itemType !== undefined;
        return { original, name, isType, from: join(dirname(file), specifier) };
      }),
  );
}

/** Finds the declaration of a name, through any number of files that export it again. */
function resolve(file: string, name: string): PublicName {
  const text = readFileSync(file, "utf8");
  const declarations = [...text.matchAll(DECLARATION)].filter(([, , each]) => each === name);
  // An interface and a constant may have one name, as the classes of the platform do.
  const declaration = declarations.find(([, kind = ""]) => !isTypeOnly(kind)) ?? declarations[0];
  if (declaration !== undefined) {
    const isType = isTypeOnly(declaration[1] ?? "");
    return { name, isType, file, docstring: docstringBefore(text, declaration.index) };
  }
  const again = reExports(file).find((each) => each.name === name);
  if (again === undefined) throw new Error(`${file} does not declare ${name}`);
  return resolve(again.from, again.original);
}

function isTypeOnly(kind: string): boolean {
  return kind === "interface" || kind === "type";
}

/** The docstring that ends right before a declaration. */
function docstringBefore(text: string, declaration: number): string | null {
  const before = text.slice(0, declaration).trimEnd();
  if (!before.endsWith("*/")) return null;
  const start = before.lastIndexOf("/**");
  return before
    .slice(start + 3, -2)
    .split("\n")
    .map((line) => line.replace(/^ *\* ?/, ""))
    .join("\n")
    .trim();
}
