// npm run bench [-- [suite ...] [--quick] [--check] [--rounds 3]]
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { drawChart } from "./harness/chart.mjs";
import { regressions } from "./harness/check.mjs";
import { goalsTable } from "./harness/goals.mjs";
import { updatePages } from "./harness/page.mjs";
import { availablePeers, versionsOf } from "./harness/peers.mjs";
import { keepResult, readResult } from "./harness/results.mjs";
import { runSuite } from "./harness/run-suite.mjs";
import { fullTable } from "./harness/tables.mjs";
import { SUITE_NAMES, SUITES } from "./suites/index.mjs";

const QUICK_PEERS = ["tautline", "net", "ws", "bun"];

const FULL = { rounds: 3, warmUp: 0.7, seconds: 1, quick: false, settles: true };
const QUICK = { rounds: 1, warmUp: 0.4, seconds: 0.6, quick: true, settles: false };
/** Short as a quick run, but with a spread to tell noise by, and memory as in a whole run. */
const CHECK = { rounds: 3, warmUp: 0.5, seconds: 1, quick: true, settles: true };

function readOptions() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { quick: { type: "boolean" }, check: { type: "boolean" }, rounds: { type: "string" } },
  });
  const unknown = positionals.filter((name) => !SUITE_NAMES.includes(name));
  if (unknown.length > 0) throw new Error(`no such bench: ${unknown.join(", ")}; there are ${SUITE_NAMES.join(", ")}`);
  if (values.rounds !== undefined && !/^[1-9]\d?$/.test(values.rounds)) {
    throw new Error(`--rounds is a number from 1 to 99, not ${values.rounds}`);
  }
  const effort = values.check ? CHECK : values.quick ? QUICK : FULL;
  const wanted = positionals.length === 0 ? SUITES : SUITES.filter(({ name }) => positionals.includes(name));
  return {
    suites: effort.quick ? wanted.filter(({ cases }) => cases.some(({ quick }) => quick)) : wanted,
    effort: values.rounds === undefined ? effort : { ...effort, rounds: Number(values.rounds) },
    check: values.check === true,
  };
}

function describeMachine(peers) {
  const [cpu] = cpus();
  return { cpu: cpu?.model ?? "unknown", cores: cpus().length, node: process.version, versions: versionsOf(peers) };
}

/** @returns what has become slower, a line for each */
async function bench(suite, { effort, check }) {
  console.log(`\n${suite.title}`);
  const wanted = effort.quick ? suite.peers.filter((peer) => QUICK_PEERS.includes(peer)) : suite.peers;
  const peers = availablePeers(wanted);
  const machine = describeMachine(peers);
  console.log(`${machine.cores} x ${machine.cpu}, node ${machine.node}, ${JSON.stringify(machine.versions)}`);
  const rounds = Math.min(effort.rounds, suite.rounds ?? effort.rounds);
  const rows = await runSuite(suite, peers, { ...effort, rounds });
  console.log(fullTable({ unit: suite.unit, rows }));
  // A quick run is not what one compares with later.
  if (!effort.quick) {
    keepResult(suite.name, { date: new Date().toISOString(), title: suite.title, unit: suite.unit, machine, rows });
  }
  return check ? regressions(suite.name, rows, readResult(suite.name)?.rows ?? []) : [];
}

async function main() {
  const { suites, effort, check } = readOptions();
  const slower = [];
  for (const suite of suites) slower.push(...(await bench(suite, { effort, check })));
  if (!effort.quick) {
    console.log(`\nThe goals\n${goalsTable()}`);
    updatePages(SUITE_NAMES);
    await drawChart();
  }
  if (!check) return 0;
  console.log(slower.length === 0 ? "\nNo ratio has become worse beyond noise." : `\nWorse than before:`);
  for (const line of slower) console.log(`  ${line}`);
  return slower.length === 0 ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error) => {
    console.error(error.message);
    process.exit(2);
  },
);
