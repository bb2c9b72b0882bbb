/** The command as a user calls it, with the suite itself if Python 2.7 is there. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { isPythonSuiteInstalled } from "../../conformance/suite/python.mjs";
import { describeWithPart, inCi } from "../support/system-parts.ts";

/** Milliseconds to install the suite, over a slow network. */
const INSTALLING = 600_000;

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function conformance(...args: readonly string[]): Promise<Outcome> {
  try {
    return { code: 0, ...(await promisify(execFile)(process.execPath, ["conformance/main.mjs", ...args])) };
  } catch (error) {
    return error as Outcome;
  }
}

describe("npm run conformance", () => {
  it.each([
    [["--role", "proxy"], "--role is server or client, not proxy"],
    [["--cases", "1.1.1,8.*"], 'no case is called "8.*"'],
    [["--jobs", "0"], "--jobs is a number from 1 to 99, not 0"],
    [["--suite", "podman"], "--suite is docker or python, not podman"],
    [["--peer", "nobody"], "no peer is called nobody: there are tautline, ws, bun"],
    [["--sample", "--cases", "1.*"], "--sample and --cases exclude each other"],
    [["--publish", "--role", "server"], "--publish is for a full run"],
    [["--publish", "--sample"], "--publish is for a full run"],
    [["--fast"], "--fast"],
  ])("npm run conformance rejects the options %j with a message about them", async (args, message) => {
    const { code, stderr } = await conformance(...args);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain("    at ");
    expect(code).toBe(2);
  });
});

describeWithPart("python2.7", "npm run conformance with the suite itself", () => {
  const planted = ["--suite", "python", "--peer", "test/conformance/planted"];
  const installed = isPythonSuiteInstalled();
  const skipped = !installed && !inCi();
  if (skipped) console.warn("skipped: the gate with the suite itself: run npm run conformance -- --install first");

  beforeAll(async () => {
    if (!installed && !skipped) expect(await conformance("--install")).toMatchObject({ code: 0 });
  }, INSTALLING);

  it.skipIf(skipped).each(["server", "client"])(
    "the conformance gate fails on a violation that is planted in a %s, and names the cases that found it",
    async (role) => {
      const { code, stdout } = await conformance(...planted, "--role", role, "--cases", "1.1.1,1.1.2,1.2.2,2.2");
      expect(stdout).toContain(`${role}: 2 OK, 2 FAILED`);
      expect(stdout.match(/\S+: behavior is .*/g)).toEqual(
        ["1.1.2", "1.2.2"].map((id) => `${id}: behavior is FAILED, not OK`),
      );
      expect(stdout).toMatch(/The gate fails: \d+ faults\./);
      expect(code).toBe(1);
    },
  );

  it.skipIf(skipped)("the conformance gate passes cases that the planted violation does not affect", async () => {
    const { code, stdout } = await conformance(...planted, "--cases", "1.1.1,2.2");
    for (const line of ["server: 2 OK", "client: 2 OK", "The result is perfect."])
      expect(stdout).toContain(`${line}\n`);
    expect(code).toBe(0);
  });
});
