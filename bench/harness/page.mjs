import { readFileSync, writeFileSync } from "node:fs";
import { goalsTable } from "./goals.mjs";
import { overviewTable } from "./overview.mjs";
import { readResult } from "./results.mjs";
import { shortTable, skippedPeers } from "./tables.mjs";

const ROOT = new URL("../../", import.meta.url);

/** The section about one suite: where its figures come from, the table, and the peers that it lacks. */
export function section({ title, unit, machine, date, rows, skipped }) {
  const versions = Object.entries(machine.versions).map(([peer, version]) => `${peer} ${version}`);
  const source = `${date.slice(0, 10)}, ${machine.cores} x ${machine.cpu}, node ${machine.node.slice(1)}, ${versions.join(", ")}.`;
  const notes = skippedPeers(skipped).map((line) => `${line}.`);
  return [`### ${title}`, source, shortTable({ unit, rows }), ...notes].join("\n\n");
}

function sections(suiteNames) {
  const kept = suiteNames.map(readResult).filter((result) => result !== null);
  return kept.map(section).join("\n\n");
}

/** The generated parts of each page, by the name in their marks. */
const PLACES = {
  "docs/performance.md": { goals: () => goalsTable(), results: sections },
  "README.md": { overview: () => overviewTable() },
};

/** The pages that show results. */
export const PAGES = Object.keys(PLACES);

function filled(page, path, place, content) {
  const begin = `<!-- ${place}: made by \`npm run bench\` -->`;
  const end = `<!-- end of ${place} -->`;
  const [before, rest] = page.split(begin);
  const [, after] = (rest ?? "").split(end);
  if (after === undefined) throw new Error(`${path} has lost one of its marks: ${begin} and ${end}`);
  return `${before}${begin}\n\n${content}\n\n${end}${after}`;
}

/** A page with the kept results between its marks. */
export function withResults(page, path, suiteNames) {
  const places = Object.entries(PLACES[path]);
  return places.reduce((text, [place, content]) => filled(text, path, place, content(suiteNames)), page);
}

/** Writes the kept results into all pages. */
export function updatePages(suiteNames) {
  for (const path of PAGES) {
    const file = new URL(path, ROOT);
    writeFileSync(file, withResults(readFileSync(file, "utf8"), path, suiteNames));
  }
}
