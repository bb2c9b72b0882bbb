import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

const RESULTS = new URL("../results/", import.meta.url);
const fileOf = (name) => new URL(`${name}.json`, RESULTS);

/** What was measured last in a whole run; `null` where that never was. */
export function readResult(name) {
  try {
    return JSON.parse(readFileSync(fileOf(name), "utf8"));
  } catch (error) {
    if (error.code === "ENOENT") return null;
    throw error;
  }
}

/** What was measured last of one case, with its unit; `null` where it never was. */
export function readCase(suiteName, caseName) {
  const result = readResult(suiteName);
  const row = result?.rows.find((each) => each.case === caseName);
  return row === undefined ? null : { unit: result.unit, peers: row.peers };
}

export function keepResult(name, content) {
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(fileOf(name), `${JSON.stringify(content, rounded, 2)}\n`);
}

/** No figure is known to more than four places. */
function rounded(_key, value) {
  return typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
}
