/** The cases for which the suite itself has no verdict: it marks them INFORMATIONAL. */
export const WITHOUT_VERDICT = ["7.1.6", "7.13.1", "7.13.2"];

const RESULT = ["behavior", "behaviorClose"];

function allowed(id) {
  return WITHOUT_VERDICT.includes(id) ? ["OK", "INFORMATIONAL"] : ["OK"];
}

function judgeCase(id, result) {
  if (result === undefined) return [`${id}: has no report`];
  return RESULT.filter((name) => !allowed(id).includes(result[name])).map(
    (name) => `${id}: ${name} is ${result[name] ?? "missing"}, not ${allowed(id).join(" or ")}`,
  );
}

/**
 * Judges the results of one role.
 *
 * @param expected the ids of the cases that should have run
 * @param results the reports of the suite, by id
 * @returns one line per fault; empty if the result is perfect
 */
export function judge(expected, results) {
  if (expected.length === 0) return ["no case was selected"];
  const unasked = Object.keys(results).filter((id) => !expected.includes(id));
  return [
    ...expected.flatMap((id) => judgeCase(id, results[id])),
    ...unasked.map((id) => `${id}: has a report, but was not selected`),
  ];
}

/** How often each behaviour occurs, such as `{ OK: 514, INFORMATIONAL: 3 }`. */
export function countBehaviors(results) {
  const counts = {};
  for (const { behavior } of Object.values(results)) counts[behavior] = (counts[behavior] ?? 0) + 1;
  return counts;
}
