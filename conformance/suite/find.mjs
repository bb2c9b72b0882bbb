import { findDockerSuite } from "./docker.mjs";
import { findPythonSuite } from "./python.mjs";

const WAYS = { docker: findDockerSuite, python: findPythonSuite };

const ADVICE = {
  docker: "Docker: start an engine, so that `docker version` shows a server",
  python: "Python 2.7 with pip, as `python2.7` or `python2`, for instance `pyenv install 2.7.18`",
};

/**
 * Finds a way to run the suite.
 *
 * @param wanted "docker", "python", or `undefined` for the first that is available
 * @throws Error that names the programs to install
 */
export function findSuite(wanted) {
  if (wanted !== undefined && !(wanted in WAYS)) {
    throw new Error(`--suite is ${Object.keys(WAYS).join(" or ")}, not ${wanted}`);
  }
  const names = wanted === undefined ? Object.keys(WAYS) : [wanted];
  for (const name of names) {
    const suite = WAYS[name]();
    if (suite !== null) return suite;
  }
  const advice = names.map((name) => `  ${ADVICE[name]}`).join("\n");
  throw new Error(`The Autobahn testsuite cannot run here. It needs${names.length > 1 ? " one of" : ""}:\n${advice}`);
}
