import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const RELEASE = "25.10.1";
/** The last release that can make environments for Python 2.7. */
const VIRTUALENV = "virtualenv==20.15.1";

const constraints = fileURLToPath(new URL("./constraints.txt", import.meta.url));
const home = fileURLToPath(new URL("../.suite/", import.meta.url));
const wstest = join(home, "python", "bin", "wstest");
/** Written last, so that an interrupted installation does not count as complete. */
const stamp = join(home, "installed");

/** The commands that may be Python 2.7. */
const INTERPRETERS = [
  { command: "python2.7", env: {} },
  { command: "python2", env: { PYENV_VERSION: "2.7.18" } },
  { command: "python2", env: {} },
];

function run(command, args, env = {}) {
  return execFileSync(command, args, { encoding: "utf8", stdio: "pipe", env: { ...process.env, ...env } });
}

function findInterpreter() {
  for (const { command, env } of INTERPRETERS) {
    try {
      const script = "import sys; print('%d.%d.%d' % sys.version_info[:3]); print(sys.executable)";
      const [version, executable] = run(command, ["-c", script], env).trim().split("\n");
      if (version.startsWith("2.7.")) return { version, executable };
    } catch {
      // Not this one, then.
    }
  }
  return null;
}

/** Some distributions have Python 2.7 without pip: the pip of Python 3 is used then. */
function findPip(executable) {
  for (const python of [executable, "python3"]) {
    try {
      run(python, ["-m", "pip", "--version"]);
      return python;
    } catch {
      // Not this one, then.
    }
  }
  throw new Error(`${executable} cannot be used: neither it nor python3 has pip`);
}

function wanted(interpreter) {
  return `Python ${interpreter.version}\nautobahntestsuite==${RELEASE}\n${readFileSync(constraints, "utf8")}`;
}

function isInstalled(interpreter) {
  return existsSync(wstest) && existsSync(stamp) && readFileSync(stamp, "utf8") === wanted(interpreter);
}

/** Whether the suite is installed already. */
export function isPythonSuiteInstalled() {
  const interpreter = findInterpreter();
  return interpreter !== null && isInstalled(interpreter);
}

function install({ version, executable }) {
  const python = findPip(executable);
  console.log(`Installing autobahntestsuite ${RELEASE} for Python ${version}; this takes half a minute.`);
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home, { recursive: true });
  const tools = join(home, "tools");
  const quiet = ["--quiet", "--disable-pip-version-check", "--no-warn-script-location"];
  run(python, ["-m", "pip", "install", ...quiet, "--target", tools, VIRTUALENV]);
  run(python, ["-m", "virtualenv", "--quiet", "--python", executable, join(home, "python")], { PYTHONPATH: tools });
  const pip = join(home, "python", "bin", "pip");
  run(pip, ["install", ...quiet, "-c", constraints, `autobahntestsuite==${RELEASE}`], { PIP_CONSTRAINT: constraints });
  writeFileSync(stamp, wanted({ version }));
}

/**
 * The suite as a Python package, in an environment that is made at the first use.
 *
 * @returns `null` if there is no Python 2.7
 * @throws Error with pip's message if the suite cannot be installed
 */
export function findPythonSuite() {
  const interpreter = findInterpreter();
  if (interpreter === null) return null;
  if (!isInstalled(interpreter)) install(interpreter);
  return {
    name: `autobahntestsuite ${RELEASE} on Python ${interpreter.version}`,
    release: RELEASE,
    /** The host under which the suite reaches the peer's server. */
    host: "127.0.0.1",
    listenOn: "127.0.0.1",
    /** Starts `wstest` in the folder. */
    start: (args, { folder }) => {
      const child = spawn(wstest, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
      return { child, stop: () => child.kill("SIGKILL") };
    },
  };
}
