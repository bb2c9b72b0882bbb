import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { chartOf } from "../../bench/harness/chart.mjs";
import { GOALS, goalsTable } from "../../bench/harness/goals.mjs";
import { SHOWN } from "../../bench/harness/overview.mjs";
import { PAGES, section, withResults } from "../../bench/harness/page.mjs";
import { SUITE_NAMES, SUITES } from "../../bench/suites/index.mjs";

it.each(PAGES)("%s shows the kept results", (path) => {
  const page = readFileSync(path, "utf8");
  expect(withResults(page, path, SUITE_NAMES)).toBe(page);
});

it.each(PAGES)("%s is not overwritten if its marks are missing", (path) => {
  expect(() => withResults("# A page", path, SUITE_NAMES)).toThrow(`${path} has lost one of its marks`);
});

const NAMED = [...GOALS, ...SHOWN].map(([suite, name]) => ({ suite, name }));

it.each(NAMED)("the case $suite, $name of a table is measured", ({ suite, name }) => {
  const { cases = [] } = SUITES.find((each) => each.name === suite) ?? {};
  expect(cases.map((each: { name: string }) => each.name)).toContain(name);
});

const COMPARED = GOALS.map(([suite, name, limits, own = "tautline"]) => ({
  suite,
  name,
  peers: [own, ...Object.keys(limits).filter((peer) => peer !== "self")],
}));

it.each(COMPARED)("the goal of $suite, $name compares with peers of that suite", ({ suite, peers }) => {
  const measured = SUITES.find((each) => each.name === suite)?.peers;
  expect(measured).toEqual(expect.arrayContaining(peers));
});

/** Kept figures in which each of these peers costs so many times what we do. */
function kept(ratios: Record<string, number>) {
  const figures = (value: number) => ({ median: value, least: value, greatest: value });
  const peers = Object.entries({ tautline: 1, ...ratios }).map(([peer, times]) => [
    peer,
    { value: figures(times), timesTautline: figures(times) },
  ]);
  return { unit: "µs", peers: Object.fromEntries(peers) };
}

/** The cells of the line in a table that begins with this case. */
function line(table: string, name: string) {
  const found = table.split("\n").find((each) => each.startsWith(`| ${name} `));
  return found?.split("|").map((cell) => cell.trim());
}

describe("the table of goals", () => {
  it("shows what was reached, and in bold if the goal is missed", () => {
    const table = goalsTable(() => kept({ ws: 20, net: 0.5, bun: 1, "uWebSockets.js": 1.25 }));
    expect(line(table, "20 B binary, 16 in flight")).toContain(
      "1/20 of ws, **2.00 of net**, 1.00 of bun, 0.80 of uWebSockets.js",
    );
  });

  it("says that a peer was not measured", () => {
    expect(
      line(
        goalsTable(() => kept({ ws: 20 })),
        "20 B text, 16 in flight",
      ),
    ).toContain("1/20 of ws, not measured");
    expect(
      line(
        goalsTable(() => null),
        "19,000 connections",
      ),
    ).toContain("not measured, not measured");
  });

  it("compares another face than ours with a peer by their own ratio", () => {
    const table = goalsTable(() => kept({ "tautline WebSocket": 1.5, undici: 12 }));
    expect(line(table, "client, 20 B binary, 16 in flight, tautline WebSocket")).toContain("1/8 of undici");
  });
});

it("names the peers that were skipped below the table of a suite, with the reason", () => {
  const { peers } = kept({ net: 1 });
  const machine = { cpu: "a CPU", cores: 2, node: "v20.0.0", versions: { tautline: "1.0.0" } };
  const skipped = { "uWebSockets.js": "it does not load: it needs glibc 2.38" };
  const text = section({
    title: "An echo",
    unit: "µs",
    date: "2026-01-01",
    machine,
    rows: [{ case: "a", peers }],
    skipped,
  });
  expect(text).toMatch(/\n\nuWebSockets\.js is skipped: it does not load: it needs glibc 2\.38\.$/);
});

describe("the chart", () => {
  it("has only the measured peers in its legend", () => {
    const { scale } = chartOf(() => kept({ ws: 10, "uWebSockets.js": 1.2 }))?.encoding.color ?? {};
    expect(scale?.domain).toEqual(["tautline", "ws", "uWebSockets.js"]);
    expect(scale?.range).toHaveLength(3);
  });

  it("is not drawn without results", () => {
    expect(chartOf(() => null)).toBeNull();
  });
});
