// npm run bench [-- [compressed-echo|idle-memory ...] [--quick]]
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { availablePeers, versionsOf } from "./harness/peers.mjs";
import { compressedEcho } from "./suites/compressed-echo.mjs";
import { idleMemory } from "./suites/idle-memory.mjs";

const SUITES = [compressedEcho, idleMemory];
const RESULTS = new URL("./results/", import.meta.url);

function wantedSuites(names) {
  const unknown = names.filter((name) => !SUITES.some((suite) => suite.name === name));
  if (unknown.length > 0) {
    console.error(`no such bench: ${unknown.join(", ")}; there are ${SUITES.map(({ name }) => name).join(", ")}`);
    process.exit(1);
  }
  return names.length === 0 ? SUITES : SUITES.filter(({ name }) => names.includes(name));
}

function describeMachine(peers) {
  const [cpu] = cpus();
  return { cpu: cpu?.model ?? "unknown", cores: cpus().length, node: process.version, versions: versionsOf(peers) };
}

/** A quick run is not what one compares with later. */
function keep(name, content) {
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(new URL(`${name}.json`, RESULTS), `${JSON.stringify(content, null, 2)}\n`);
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { quick: { type: "boolean" } } });
for (const suite of wantedSuites(positionals)) {
  const peers = availablePeers(suite.peers);
  const machine = describeMachine(peers);
  console.log(`\n${suite.title}`);
  console.log(`${machine.cores} x ${machine.cpu}, node ${machine.node}, ${JSON.stringify(machine.versions)}`);
  const results = await suite.run(peers, { quick: values.quick === true });
  if (values.quick !== true) keep(suite.name, { date: new Date().toISOString(), machine, results });
}
