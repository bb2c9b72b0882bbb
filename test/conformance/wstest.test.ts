/** The failures of a process of the suite. A script takes the place of the suite. */
import { spawn } from "node:child_process";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { Wstest } from "../../conformance/suite/wstest.mjs";

function started(script: string, onLine?: (line: string) => void) {
  const suite = {
    start: (args: readonly string[], { folder }: { folder: string }) => {
      const child = spawn(process.execPath, ["-e", script, "--", ...args], { cwd: folder });
      return { child, stop: () => child.kill("SIGKILL") };
    },
  };
  const wstest = new Wstest(suite, "fuzzingclient", { spec: { cases: ["1.1.1"] }, onLine });
  onTestFinished(() => wstest.remove());
  return wstest;
}

const report = (agent: string) => `
  const fs = require("node:fs");
  const { outdir, cases } = JSON.parse(fs.readFileSync("spec.json", "utf8"));
  const result = { behavior: "OK", behaviorClose: "OK", remoteCloseCode: 1000, duration: 2, reportfile: "a.json" };
  fs.mkdirSync(outdir);
  fs.writeFileSync(outdir + "/index.json", JSON.stringify({ ${agent}: { [cases[0]]: result } }));`;

describe("a process of the suite", () => {
  it("a process of the suite reads the specification from its folder, and its report is returned", async () => {
    const wstest = started(report("me"));
    expect(await wstest.exited).toBe(0);
    const result = { behavior: "OK", behaviorClose: "OK", closeCode: 1000, duration: 2 };
    expect(wstest.results("me")).toEqual({ "1.1.1": result });
  });

  it("a process of the suite has its output reported line by line", async () => {
    const lines: string[] = [];
    await started('console.log("one\\ntwo"); console.error("three")', (line) => lines.push(line)).exited;
    expect(lines.sort()).toEqual(["one", "three", "two"]);
  });

  it("a process of the suite fails if it reports on another agent", async () => {
    const wstest = started(report("you"));
    await wstest.exited;
    expect(() => wstest.results("me")).toThrow("it reports on you, not on me");
  });

  it("a process of the suite fails if it writes no report, and the error quotes its last lines", async () => {
    const wstest = started('console.error("ImportError: no module")');
    await wstest.exited;
    expect(() => wstest.results("me")).toThrow(/written no report.*\n {2}ImportError: no module/);
  });

  it("a process of the suite is stopped after two minutes without progress", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const wstest = started("setInterval(() => {}, 1000)");
    vi.advanceTimersByTime(119_000);
    wstest.alive();
    vi.advanceTimersByTime(119_000);
    expect(wstest.failure("it is slow").message).toContain("it is slow");
    vi.advanceTimersByTime(1000);
    expect(await wstest.exited).toBe(null);
    expect(wstest.failure("it is slow").message).toContain("nothing happened for 120 s");
  });
});
