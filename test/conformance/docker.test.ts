/** The suite through Docker. A script takes the place of the `docker` command. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { findDockerSuite } from "../../conformance/suite/docker.mjs";
import { findSuite } from "../../conformance/suite/find.mjs";

/** The only program on the PATH besides node. */
function withDocker(script: string): string {
  const folder = mkdtempSync(join(tmpdir(), "tautline-docker-"));
  writeFileSync(join(folder, "docker"), `#!${process.execPath}\n${script}`);
  chmodSync(join(folder, "docker"), 0o755);
  vi.stubEnv("PATH", [folder, join(process.execPath, "..")].join(delimiter));
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });
  return folder;
}

const ENGINE =
  'if (process.argv[2] === "version") console.log("27.3.1"); else console.log(JSON.stringify(process.argv));';

describe("the suite in Docker", () => {
  it("the suite in Docker is found if an engine answers, and is used by default then", () => {
    withDocker(ENGINE);
    expect(findDockerSuite()?.name).toBe("crossbario/autobahn-testsuite:25.10.1 on Docker 27.3.1");
    expect(findSuite(undefined).name).toContain("on Docker 27.3.1");
    expect(findSuite("docker").release).toBe("25.10.1");
  });

  it("the suite in Docker is not found if the docker command exists but no engine answers", () => {
    withDocker("process.exit(1)");
    expect(findDockerSuite()).toBeNull();
    expect(() => findSuite("docker")).toThrow(/cannot run here.*\n.*start an engine/);
  });

  it("the suite in Docker is not found without the docker command, and without Python 2.7 the error names what to install", () => {
    const folder = withDocker("");
    rmSync(join(folder, "docker"));
    mkdirSync(join(folder, "docker"));
    expect(() => findSuite(undefined)).toThrow(/needs one of:\n.*`docker version`.*\n.*`python2.7` or `python2`/);
  });

  it("the suite in Docker runs in a named container with its folder mounted", async () => {
    withDocker(ENGINE);
    const suite = findDockerSuite();
    const { child } = suite?.start(["--mode", "fuzzingserver"], { folder: "/reports/here", port: 9001 }) ?? {};
    let output = "";
    for await (const chunk of child?.stdout ?? []) output += chunk;
    const args: string[] = JSON.parse(output).slice(2);
    expect(args.slice(0, 3)).toEqual(["run", "--rm", "--name"]);
    expect(args).toContain("/reports/here:/conformance");
    expect(args.slice(-4)).toEqual(["crossbario/autobahn-testsuite:25.10.1", "wstest", "--mode", "fuzzingserver"]);
  });
});
