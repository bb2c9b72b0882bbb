import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { isExiting, joinExit, leaveExit } from "../../src/endpoint/exit-flush.ts";

/** Runs a process of its own with the built module, and returns what it printed. */
function run(code: string): string {
  const url = new URL("../../dist/endpoint/exit-flush.js", import.meta.url).href;
  const source = `import { isExiting, joinExit, leaveExit } from ${JSON.stringify(url)};
    const member = (name) => ({ flushAtExit: () => process.stdout.write(name + (isExiting() ? "! " : "? ")) });
    ${code}`;
  const args = ["--input-type=module", "-e", source];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

describe("the end of a process", () => {
  test("the end of a process flushes all members of all sets, and isExiting() is true meanwhile", () => {
    expect(run(`joinExit([member("a"), member("b")]); joinExit([member("c")]);`)).toBe("a! b! c! ");
  });

  test("the end of a process flushes members that process.exit() would lose", () => {
    expect(run(`joinExit([member("a")]); process.exit(0);`)).toBe("a! ");
  });

  test("the end of a process flushes no set that has left", () => {
    expect(run(`const set = [member("a")]; joinExit(set); joinExit([member("b")]); leaveExit(set);`)).toBe("b! ");
  });

  test("the end of a process flushes the other members although one throws", () => {
    const broken = `{ flushAtExit() { throw new Error("broken"); } }`;
    expect(run(`joinExit([${broken}, member("b")]); joinExit([member("c")]);`)).toBe("b! c! ");
  });
});

test("there is one 'exit' listener while any set has joined, and none afterwards", () => {
  const before = process.listenerCount("exit");
  const [one, other] = [new Set<never>(), new Set<never>()];
  joinExit(one);
  const joined = process.listenerCount("exit");
  joinExit(other);
  expect(process.listenerCount("exit")).toBe(joined);
  leaveExit(one);
  leaveExit(one);
  expect(process.listenerCount("exit")).toBe(joined);
  leaveExit(other);
  expect(process.listenerCount("exit")).toBe(before);
});

test("a process that goes on is not exiting", () => {
  expect(isExiting()).toBe(false);
});
