/** The cases for which the suite itself has no verdict: it marks them INFORMATIONAL. */
export const WITHOUT_VERDICT = ["7.1.6", "7.13.1", "7.13.2"];

const RESULT = ["behavior", "behaviorClose"];

function allowed(id) {
  return WITHOUT_VERDICT.includes(id) ? ["OK", "INFORMATIONAL"] : ["OK"];
}

function judgeCase(id, result) {
  if (result === undefined) return [`${id}: there is no report of it`];
  return RESULT.filter((name) => !allowed(id).includes(result[name])).map(
    (name) => `${id}: ${name} is ${result[name] ?? "missing"}, not ${allowed(id).join(" or ")}`,
  );
}

/**
 * Judges the results of one role.
 *
 * @param expected the ids of the cases that were to run
 * @param results what the suite reports, by id
 * @returns what is wrong, a line for each; empty when the result is perfect
 */
export function judge(expected, results) {
  if (expected.length === 0) return ["no case was to run"];
  const unasked = Object.keys(results).filter((id) => !expected.includes(id));
  return [
    ...expected.flatMap((id) => judgeCase(id, results[id])),
    ...unasked.map((id) => `${id}: there is a report of it, but it was not to run`),
  ];
}

/** How often each behaviour occurs, such as `{ OK: 514, INFORMATIONAL: 3 }`. */
export function countBehaviors(results) {
  const counts = {};
  for (const { behavior } of Object.values(results)) counts[behavior] = (counts[behavior] ?? 0) + 1;
  return counts;
}
