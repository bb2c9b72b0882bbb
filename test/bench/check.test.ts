import { describe, expect, it } from "vitest";
import { regressions } from "../../bench/harness/check.mjs";

/** A row in which the peers cost this many times what we do, within that many parts of it. */
function row(name: string, ratios: Record<string, number>, spread = 0.02) {
  const peers = Object.entries({ tautline: 1, ...ratios }).map(([peer, median]) => {
    const timesTautline = { median, least: median * (1 - spread), greatest: median * (1 + spread) };
    return [peer, { value: timesTautline, timesTautline }];
  });
  return { case: name, peers: Object.fromEntries(peers) };
}

describe("the check against the kept results", () => {
  const kept = [row("echo", { ws: 10, net: 0.9 }), row("handshake", { ws: 2, net: 0.5 })];

  it("finds nothing where all is as it was, or better", () => {
    expect(regressions("echo", kept, kept)).toEqual([]);
    expect(regressions("echo", [row("echo", { ws: 14, net: 1.2 })], kept)).toEqual([]);
  });

  it("lets noise pass, and names what is beyond it", () => {
    expect(regressions("echo", [row("echo", { ws: 8.6, net: 0.77 })], kept)).toEqual([]);
    expect(regressions("suite", [row("echo", { ws: 8.4, net: 0.9 })], kept)).toEqual([
      "suite, echo: ws costs 8.40 times ours, was 10.00 (noise 15 %)",
    ]);
    expect(regressions("echo", [row("echo", { ws: 5, net: 0.5 })], kept)).toHaveLength(2);
  });

  it("allows more where either run strayed more by itself", () => {
    expect(regressions("echo", [row("echo", { ws: 8, net: 0.9 }, 0.25)], kept)).toEqual([]);
    expect(regressions("echo", [row("echo", { ws: 8, net: 0.9 })], [row("echo", { ws: 10 }, 0.25)])).toEqual([]);
    expect(regressions("echo", [row("echo", { ws: 7, net: 0.9 }, 0.25)], kept)).toHaveLength(1);
  });

  it("looks at the references only, and at what both runs have", () => {
    expect(regressions("echo", [row("echo", { bun: 0.1, deno: 0.1 })], [row("echo", { bun: 5, deno: 5 })])).toEqual([]);
    expect(regressions("echo", [row("new", { ws: 1 })], kept)).toEqual([]);
    expect(regressions("echo", [row("echo", { ws: 1 })], [])).toEqual([]);
  });
});
