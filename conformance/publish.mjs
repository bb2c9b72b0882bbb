import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { pageOf } from "./page.mjs";
import { PUBLISHED } from "./peers.mjs";

const RESULTS = new URL("./results/", import.meta.url);
const PAGE = new URL("../docs/conformance.md", import.meta.url);

const fileOf = (name) => new URL(`${name}.json`, RESULTS);

/** Writes one case per line, so that a diff shows the case. */
function format({ roles, ...head }) {
  const cases = (results) =>
    Object.entries(results).map(([id, result]) => `      ${JSON.stringify(id)}: ${JSON.stringify(result)}`);
  const lines = Object.entries(roles).map(
    ([role, results]) => `    ${JSON.stringify(role)}: {\n${cases(results).join(",\n")}\n    }`,
  );
  const heads = Object.entries(head).map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)},\n`);
  return `{\n${heads.join("")}  "roles": {\n${lines.join(",\n")}\n  }\n}\n`;
}

/** The results that were published, in the order of the peers. */
export function publishedResults() {
  return PUBLISHED.flatMap((name) => {
    try {
      return [JSON.parse(readFileSync(fileOf(name), "utf8"))];
    } catch (error) {
      if (error.code === "ENOENT") return [];
      throw error;
    }
  });
}

/** Keeps the result of a full run, and makes the page again. */
export function publish({ peer, suite, results }) {
  const published = {
    peer: peer.name,
    version: peer.version,
    suite: suite.name,
    node: process.version,
    date: new Date().toISOString().slice(0, 10),
    roles: results,
  };
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(fileOf(peer.name), format(published));
  writeFileSync(PAGE, pageOf(publishedResults()));
}
