import { describe, expect, it } from "vitest";
import { readOptions } from "../../bench/harness/options.mjs";
import { SUITE_NAMES, SUITES } from "../../bench/suites/index.mjs";

const echo = SUITES.find(({ name }) => name === "echo");

function peersFor(...args: string[]) {
  return readOptions(args).peersFor(echo);
}

describe("the command line of the bench", () => {
  it("runs all suites with all of their peers and keeps the results by default", () => {
    const { suites, effort, check, keep } = readOptions([]);
    expect(suites.map(({ name }: { name: string }) => name)).toEqual(SUITE_NAMES);
    expect(peersFor()).toEqual(echo?.peers);
    expect({ rounds: effort.rounds, check, keep }).toEqual({ rounds: 3, check: false, keep: true });
  });

  it("runs the named suites with the named peers beside our own, and keeps nothing", () => {
    const { suites, keep } = readOptions(["echo", "--peers", "net, uWebSockets.js"]);
    expect(suites).toEqual([echo]);
    expect(peersFor("--peers", "net, uWebSockets.js")).toEqual(["tautline", "net", "uWebSockets.js"]);
    expect(keep).toBe(false);
  });

  it("runs fewer cases, peers and rounds with --quick, and keeps nothing", () => {
    const { suites, effort, keep } = readOptions(["--quick"]);
    expect(suites.length).toBeLessThan(SUITES.length);
    expect(peersFor("--quick")).toEqual(["tautline", "net", "ws", "bun"]);
    expect({ quick: effort.quick, rounds: effort.rounds, keep }).toEqual({ quick: true, rounds: 1, keep: false });
  });

  it("compares with an earlier version alone with --check, and keeps nothing", () => {
    const { check, against, effort, keep } = readOptions(["--check", "--against", "main", "--rounds", "7"]);
    expect({ check, against, rounds: effort.rounds, keep }).toEqual({
      check: true,
      against: "main",
      rounds: 7,
      keep: false,
    });
    expect(peersFor("--check")).toEqual(["tautline", "baseline"]);
  });

  it("covers echoes, TLS, clients and idle memory with --check", () => {
    const names = readOptions(["--check"]).suites.map(({ name }: { name: string }) => name);
    expect(names).toEqual(expect.arrayContaining(["echo", "tls-echo", "client", "idle-heap"]));
  });

  it.each([
    [["ecko"], /^unknown suite: ecko; there are echo, /],
    [["--peers", "net,nett"], /^unknown peer: nett; there are tautline, /],
    [["--rounds", "0"], /^--rounds must be an integer from 1 to 99, not 0$/],
    [["--against", "main"], /^--against names the commit that --check compares with$/],
    [["--check", "--peers", "net"], /^--check chooses the peers itself: leave out --peers$/],
  ])("refuses %j with a message that says what is wrong", (args, message) => {
    expect(() => readOptions(args)).toThrow(message);
  });
});
