// npm run conformance [-- [--role server|client] [--cases 6.*,12.1.*] [--sample] [--suite docker|python]
//   [--peer tautline|ws|bun|folder] [--jobs 2] [--publish]], or --install
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { countBehaviors, judge } from "./gate.mjs";
import { findPeer, PUBLISHED } from "./peers.mjs";
import { publish } from "./publish.mjs";
import { ROLE_NAMES, runRole } from "./run.mjs";
import { ALL_CASES, SAMPLE, selectCases } from "./selection.mjs";
import { findSuite } from "./suite/find.mjs";

const OPTIONS = {
  role: { type: "string" },
  cases: { type: "string" },
  sample: { type: "boolean", default: false },
  suite: { type: "string" },
  peer: { type: "string", default: "tautline" },
  jobs: { type: "string", default: String(availableParallelism()) },
  publish: { type: "boolean", default: false },
  install: { type: "boolean", default: false },
};

/** @throws Error that names the wrong option */
function readOptions() {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.role !== undefined && !ROLE_NAMES.includes(values.role)) {
    throw new Error(`--role is ${ROLE_NAMES.join(" or ")}, not ${values.role}`);
  }
  if (!/^[1-9]\d?$/.test(values.jobs)) throw new Error(`--jobs is a number from 1 to 99, not ${values.jobs}`);
  if (values.sample && values.cases !== undefined) throw new Error("--sample and --cases exclude each other");
  if (values.publish && (values.role ?? values.cases) !== undefined) throw new Error("--publish is for a full run");
  if (values.publish && (values.sample || !PUBLISHED.includes(values.peer))) {
    throw new Error(`--publish is for a full run of ${PUBLISHED.join(", ")}`);
  }
  const patterns = values.sample ? SAMPLE : values.cases?.split(",");
  return {
    ...values,
    jobs: Number(values.jobs),
    cases: patterns === undefined ? ALL_CASES : selectCases(patterns),
    roles: values.role === undefined ? ROLE_NAMES : [values.role],
  };
}

function describe(results) {
  const counts = Object.entries(countBehaviors(results)).map(([behavior, count]) => `${count} ${behavior}`);
  return counts.join(", ") || "nothing";
}

async function main() {
  const { roles, cases, jobs, ...options } = readOptions();
  if (options.install) {
    console.log(`${findSuite("python").name} is installed`);
    return 0;
  }
  const peer = findPeer(options.peer);
  const suite = findSuite(options.suite);
  console.log(`${peer.name} under ${suite.name}: ${cases.length} of ${ALL_CASES.length} cases, ${roles.join(" and ")}`);
  const results = {};
  let faults = 0;
  for (const role of roles) {
    results[role] = await runRole(role, { suite, peer, cases, jobs });
    const wrong = judge(cases, results[role]);
    faults += wrong.length;
    console.log(`${role}: ${describe(results[role])}`);
    for (const line of wrong) console.log(`  ${line}`);
  }
  if (options.publish) publish({ peer, suite, results });
  console.log(faults === 0 ? "The result is perfect." : `The gate fails: ${faults} faults.`);
  return faults === 0 ? 0 : 1;
}

for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(130));
main().then(
  (code) => process.exit(code),
  (error) => {
    console.error(error.message);
    process.exit(2);
  },
);
