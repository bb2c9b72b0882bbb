import { readFileSync, writeFileSync } from "node:fs";
import { readResult } from "./results.mjs";
import { shortTable } from "./tables.mjs";

const PAGE = new URL("../../docs/performance.md", import.meta.url);
const BEGIN = "<!-- results: made by `npm run bench` -->";
const END = "<!-- end of results -->";

function section({ title, unit, machine, date, rows }) {
  const versions = Object.entries(machine.versions).map(([peer, version]) => `${peer} ${version}`);
  const where = `${date.slice(0, 10)}, ${machine.cores} x ${machine.cpu}, node ${machine.node.slice(1)}, ${versions.join(", ")}.`;
  return `### ${title}\n\n${where}\n\n${shortTable({ unit, rows })}`;
}

/** The page with the results as they were kept in the place between the two marks. */
export function withResults(page, suiteNames) {
  const [before, rest] = page.split(BEGIN);
  const [, after] = (rest ?? "").split(END);
  if (after === undefined) throw new Error(`docs/performance.md has lost one of its marks: ${BEGIN} and ${END}`);
  const kept = suiteNames.map(readResult).filter((result) => result !== null);
  return `${before}${BEGIN}\n\n${kept.map(section).join("\n\n")}\n\n${END}${after}`;
}

/** Brings the page in `docs/` up to date. */
export function updatePage(suiteNames) {
  writeFileSync(PAGE, withResults(readFileSync(PAGE, "utf8"), suiteNames));
}
