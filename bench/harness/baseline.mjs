import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The peer that is an earlier version of Tautline. */
export const BASELINE = "baseline";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** It lies inside the project, so that it finds the installed packages. */
export const BASELINE_FOLDER = fileURLToPath(new URL("../.baseline", import.meta.url));

/** The single parts come from internal files, so their benchmarks belong to their version. */
const FROM_COMMIT = ["package.json", "tsconfig.json", "tsconfig.build.json", "src", "bench/micro", "bench/load"];
/** Servers and clients use public names only. Both versions run the same scripts, so that nothing else differs. */
const FROM_HERE = ["bench/servers", "bench/clients"];

function git(...args) {
  const { status, stdout, stderr } = spawnSync("git", args, { cwd: ROOT, encoding: "utf8" });
  if (status !== 0) throw new Error(`git ${args[0]} failed, so there is nothing to compare with: ${stderr?.trim()}`);
  return stdout.trim();
}

/** The commit that last changed the kept results. */
function commitOfResults() {
  const commit = git("log", "-1", "--format=%H", "--", "bench/results");
  if (commit === "")
    throw new Error("no commit has results of the bench: name one to compare with: --against <commit>");
  return commit;
}

/**
 * Builds an earlier version beside this one.
 *
 * @param revision anything that git resolves to a commit; by default the commit of the kept results
 * @returns its abbreviated hash
 */
export function buildBaseline(revision) {
  const commit = git("rev-parse", "--verify", "--short", `${revision ?? commitOfResults()}^{commit}`);
  rmSync(BASELINE_FOLDER, { recursive: true, force: true });
  mkdirSync(BASELINE_FOLDER);
  const archive = join(BASELINE_FOLDER, "source.tar");
  git("archive", "--output", archive, commit, ...FROM_COMMIT);
  execFileSync("tar", ["-xf", "source.tar"], { cwd: BASELINE_FOLDER });
  for (const path of FROM_HERE) cpSync(join(ROOT, path), join(BASELINE_FOLDER, path), { recursive: true });
  const options = { cwd: BASELINE_FOLDER, stdio: "inherit", shell: process.platform === "win32" };
  execFileSync("npm", ["run", "--silent", "build"], options);
  return commit;
}
