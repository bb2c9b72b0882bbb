import { short, shown, table } from "./figures.mjs";
import { OWN } from "./run-suite.mjs";

function peersOf(rows) {
  return [...new Set(rows.flatMap(({ peers }) => Object.keys(peers)))];
}

/** All figures of a suite, for the terminal. */
export function fullTable({ unit, rows }) {
  const peers = peersOf(rows);
  const others = peers.filter((peer) => peer !== OWN);
  const cell = (value) => (value === undefined ? "–" : shown(value));
  return table(
    ["", ...peers.map((peer) => `${peer}, ${unit}`), ...others.map((peer) => `${peer} / ${OWN}`)],
    rows.map(({ case: name, peers: of }) => [
      name,
      ...peers.map((peer) => cell(of[peer]?.value)),
      ...others.map((peer) => cell(of[peer]?.timesTautline)),
    ]),
  );
}

/** The medians alone, for a page. */
export function shortTable({ unit, rows }) {
  const peers = peersOf(rows);
  return table(
    [unit, ...peers],
    rows.map(({ case: name, peers: of }) => [
      name,
      ...peers.map((peer) => (of[peer] === undefined ? "–" : short(of[peer].value.median))),
    ]),
  );
}

/** One line for each peer that could not run, with the reason. */
export function skippedPeers(skipped = {}) {
  return Object.entries(skipped).map(([peer, why]) => `${peer} is skipped: ${why}`);
}
