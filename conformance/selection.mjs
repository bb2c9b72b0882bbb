import { readFileSync } from "node:fs";

/** All cases of the suite, in its order; `case-ids.json` was taken from the release that the results name. */
export const ALL_CASES = JSON.parse(readFileSync(new URL("./case-ids.json", import.meta.url), "utf8"));

/**
 * The cases that CI runs: all except two groups that take minutes, compression with different payloads (12) and parameters
 * (13). Of these it runs the first case of each kind, and one with long messages for a kind with and without a window limit.
 */
export const SAMPLE = [
  ...["1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "9.*", "10.*"],
  ...["12.1.1", "12.1.10", "12.2.1", "12.3.1", "12.4.1", "12.4.10", "12.5.1"],
  ...["13.1.1", "13.2.1", "13.3.1", "13.3.10", "13.4.1", "13.5.1", "13.5.10", "13.6.1", "13.7.1"],
];

/** Whether the pattern, in which `*` stands for anything, matches the case. */
function matches(pattern, id) {
  const expression = pattern.split("*").map((part) => part.replaceAll(".", "\\."));
  return new RegExp(`^${expression.join(".*")}$`).test(id);
}

/**
 * Returns the cases that match the patterns, in the suite's order.
 *
 * @param patterns such as "6.*" or "12.1.1"
 * @throws RangeError that names a pattern without a match
 */
export function selectCases(patterns, cases = ALL_CASES) {
  for (const pattern of patterns) {
    if (!/^[\d.*]+$/.test(pattern) || !cases.some((id) => matches(pattern, id))) {
      throw new RangeError(`no case is called ${JSON.stringify(pattern)}: they go from ${cases[0]} to ${cases.at(-1)}`);
    }
  }
  return cases.filter((id) => patterns.some((pattern) => matches(pattern, id)));
}

/** The approximate time that a case takes, in seconds; most of it is spent in the suite. */
export function weightOf(id) {
  const group = Number.parseInt(id, 10);
  if (group >= 12) return 2.2;
  return group === 9 ? 0.1 : 0.03;
}

/** The longest run of cases, in the same seconds: starting the suite is cheap in comparison. */
const LONGEST_RUN = 30;

/** Cuts the cases into runs, one for each process of the suite. */
export function cutIntoRuns(cases) {
  const runs = [];
  let room = 0;
  for (const id of cases) {
    if (room < weightOf(id)) {
      runs.push([]);
      room = LONGEST_RUN;
    }
    runs.at(-1).push(id);
    room -= weightOf(id);
  }
  // Long runs come first, so that none is left for the end.
  const weight = (run) => run.reduce((sum, id) => sum + weightOf(id), 0);
  return runs.sort((a, b) => weight(b) - weight(a));
}
