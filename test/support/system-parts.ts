/**
 * Some suites need a program that npm does not install. If it is missing on a developer's machine, the suite is skipped with
 * a message that names it. In CI the suite fails, because a suite that never runs proves nothing.
 */
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import { describe, test } from "vitest";

export type SystemPart = "chromium" | "curl" | "openssl" | "python2.7";

interface Source {
  /** Names to look for on the PATH, and absolute paths to check as well. */
  readonly candidates: readonly string[];
  /** An environment variable that names the program. If it is set, no other program is used. */
  readonly variable?: string;
  readonly debian: string;
  readonly macos: string;
}

const SOURCES: Readonly<Record<SystemPart, Source>> = {
  chromium: {
    candidates: [
      "chromium",
      "chromium-browser",
      "google-chrome",
      "/usr/bin/chromium",
      "/usr/bin/chromium-browser",
      "/usr/bin/google-chrome",
      "/Applications/Chromium.app/Contents/MacOS/Chromium",
      "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    ],
    variable: "TAUTLINE_CHROMIUM",
    debian: "apt-get install chromium",
    macos: "brew install --cask chromium",
  },
  curl: { candidates: ["curl"], debian: "apt-get install curl", macos: "brew install curl" },
  "python2.7": {
    candidates: ["python2.7", "python2"],
    debian: "apt-get install python2.7 if there is such a package, otherwise pyenv install 2.7.18",
    macos: "pyenv install 2.7.18",
  },
  openssl: { candidates: ["openssl"], debian: "apt-get install openssl", macos: "brew install openssl" },
};

export type Environment = Readonly<Record<string, string | undefined>>;

/** The decision about a suite: to run it, or to skip it or fail, both with the reason. */
export type Decision =
  | { readonly action: "run"; readonly path: string }
  | { readonly action: "skip" | "fail"; readonly reason: string };

/** `env.CI` decides between skipping and failing. */
export function decide(part: SystemPart, path: string | undefined, env: Environment): Decision {
  if (path !== undefined) {
    return { action: "run", path };
  }
  const { debian, macos, variable } = SOURCES[part];
  const named = variable === undefined ? undefined : env[variable];
  const where = named ? `${variable} names ${named}, which is not an executable file` : `${part} was not found`;
  const hint = variable === undefined ? "" : `; ${variable} may name one elsewhere`;
  return {
    action: inCi(env) ? "fail" : "skip",
    reason: `${where}. Debian, Ubuntu: ${debian}. macOS: ${macos}${hint}.`,
  };
}

/** The first executable among the part's candidates, or `undefined`. */
export function findPart(
  part: SystemPart,
  env: Environment = process.env,
  executable: (path: string) => boolean = isExecutable,
): string | undefined {
  const { candidates, variable } = SOURCES[part];
  const named = variable === undefined ? undefined : env[variable];
  const folders = (env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  for (const candidate of named ? [named] : candidates) {
    const places = isAbsolute(candidate) ? [candidate] : folders.map((folder) => join(folder, candidate));
    const found = places.find(executable);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

/** The path of the part. @throws Error with the command to install it if it is missing */
export function partPath(part: SystemPart): string {
  const decision = decide(part, findPart(part), process.env);
  if (decision.action !== "run") {
    throw new Error(decision.reason);
  }
  return decision.path;
}

export function chromiumPath(): string {
  return partPath("chromium");
}

/** A `describe` that needs `part`. Without it the suite is skipped, or fails in CI, with the command to install it. */
export function describeWithPart(part: SystemPart, title: string, body: () => void): void {
  const decision = decide(part, findPart(part), process.env);
  if (decision.action === "run") {
    describe(title, body);
    return;
  }
  const { action, reason } = decision;
  if (action === "fail") {
    describe(title, () => {
      test(`needs ${part}`, () => {
        throw new Error(reason);
      });
    });
    return;
  }
  console.warn(`skipped: ${title}: ${reason}`);
  describe.skip(`${title} (${reason})`, body);
}

/** Whether the tests run in CI. The usual values for "not in CI" are recognized. */
export function inCi(env: Environment = process.env): boolean {
  const value = env["CI"];
  return value !== undefined && value !== "" && value !== "0" && value.toLowerCase() !== "false";
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
