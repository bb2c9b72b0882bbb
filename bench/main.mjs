// npm run bench [-- [suite ...] [--quick] [--check [--against main]] [--peers "net,ws"] [--rounds 3]]
import { cpus } from "node:os";
import { buildBaseline } from "./harness/baseline.mjs";
import { drawChart } from "./harness/chart.mjs";
import { compareWithBaseline, verdict } from "./harness/check.mjs";
import { goalsTable } from "./harness/goals.mjs";
import { readOptions } from "./harness/options.mjs";
import { updatePages } from "./harness/page.mjs";
import { findPeers, versionsOf } from "./harness/peers.mjs";
import { keepResult } from "./harness/results.mjs";
import { runSuite } from "./harness/run-suite.mjs";
import { fullTable, skippedPeers } from "./harness/tables.mjs";
import { SUITE_NAMES } from "./suites/index.mjs";

function describeMachine(peers) {
  const [cpu] = cpus();
  return { cpu: cpu?.model ?? "unknown", cores: cpus().length, node: process.version, versions: versionsOf(peers) };
}

/** @returns how each case compares with the baseline, if `check` is set */
async function bench(suite, { effort, peersFor, check, keep }) {
  console.log(`\n${suite.title}`);
  const { available, skipped } = await findPeers(peersFor(suite));
  const machine = describeMachine(available);
  console.log(`${machine.cores} x ${machine.cpu}, node ${machine.node}, ${JSON.stringify(machine.versions)}`);
  for (const line of skippedPeers(skipped)) console.log(line);
  const rounds = Math.min(effort.rounds, suite.rounds ?? effort.rounds);
  const rows = await runSuite(suite, available, { ...effort, rounds });
  console.log([fullTable({ unit: suite.unit, rows }), ...skippedPeers(skipped)].join("\n"));
  if (keep) {
    const { title, unit } = suite;
    keepResult(suite.name, { date: new Date().toISOString(), title, unit, machine, skipped, rows });
  }
  return check ? compareWithBaseline(suite, rows) : [];
}

/** @returns the exit code */
function report(compared) {
  console.log(`\n${verdict(compared).join("\n")}`);
  return compared.some(({ regression }) => regression !== null) ? 1 : 0;
}

async function main() {
  const options = readOptions(process.argv.slice(2));
  if (options.check) console.log(`The baseline is commit ${buildBaseline(options.against)}.`);
  const compared = [];
  for (const suite of options.suites) compared.push(...(await bench(suite, options)));
  if (options.keep) {
    console.log(`\nThe goals\n${goalsTable()}`);
    updatePages(SUITE_NAMES);
    await drawChart();
  }
  return options.check ? report(compared) : 0;
}

main().then(
  (code) => process.exit(code),
  (error) => {
    console.error(error.message);
    process.exit(2);
  },
);
