import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

const RESULTS = new URL("../results/", import.meta.url);
const fileOf = (name) => new URL(`${name}.json`, RESULTS);

/** The results of the last full run of a suite, or `null` if it was never run in full. */
export function readResult(name) {
  try {
    return JSON.parse(readFileSync(fileOf(name), "utf8"));
  } catch (error) {
    if (error.code === "ENOENT") return null;
    throw error;
  }
}

/** The last kept figures of one case, with their unit, or `null` if there are none. */
export function readCase(suiteName, caseName) {
  const result = readResult(suiteName);
  const row = result?.rows.find((each) => each.case === caseName);
  return row === undefined ? null : { unit: result.unit, peers: row.peers };
}

export function keepResult(name, content) {
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(fileOf(name), `${JSON.stringify(content, rounded, 2)}\n`);
}

/** No figure is accurate to more than four digits. */
function rounded(_key, value) {
  return typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
}
