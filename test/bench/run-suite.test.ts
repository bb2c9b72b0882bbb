import { describe, expect, it } from "vitest";
import { runSuite } from "../../bench/harness/run-suite.mjs";

const silent = () => {};
const effort = { rounds: 3, quick: false };

/** A suite with invented samples: the first one of a peer costs this much, the second twice as much, and so on. */
function suiteOf(costs: Record<string, number>) {
  const taken: string[] = [];
  const rounds: Record<string, number> = {};
  return {
    taken,
    suite: {
      unit: "µs",
      cases: [
        { name: "a", quick: true },
        { name: "b", peers: ["tautline", "ws"] },
      ],
      async sample(peer: string, { name }: { name: string }) {
        taken.push(`${name} ${peer}`);
        const key = `${name} ${peer}`;
        rounds[key] = (rounds[key] ?? 0) + 1;
        return { value: (costs[peer] ?? 0) * rounds[key], rate: 1000, terms: "agreed" };
      },
    },
  };
}

describe("a run of a suite", () => {
  it("takes a sample of each peer in turn in every round", async () => {
    const { suite, taken } = suiteOf({ tautline: 1, ws: 4, bun: 2 });
    await runSuite(suite, ["tautline", "ws", "bun"], effort, silent);
    const round = ["a tautline", "a ws", "a bun", "b tautline", "b ws"];
    expect(taken).toEqual([...round, ...round, ...round]);
  });

  it("gives the median, the spread and the ratio to our figure in the same round", async () => {
    const { suite } = suiteOf({ tautline: 1, ws: 4, bun: 2 });
    const [first, second] = await runSuite(suite, ["tautline", "ws", "bun"], effort, silent);
    expect(first?.peers["ws"]).toEqual({
      value: { median: 8, least: 4, greatest: 12 },
      rate: { median: 1000, least: 1000, greatest: 1000 },
      timesTautline: { median: 4, least: 4, greatest: 4, uncertainty: 0 },
      terms: "agreed",
    });
    expect(first?.peers["tautline"]?.timesTautline.median).toBe(1);
    expect(Object.keys(second?.peers ?? {})).toEqual(["tautline", "ws"]);
  });

  it("leaves out missing peers, and in a quick run all cases that are not quick", async () => {
    const { suite, taken } = suiteOf({ tautline: 1, ws: 4 });
    const rows = await runSuite(suite, ["tautline", "ws"], { rounds: 1, quick: true }, silent);
    expect(rows.map((row: { case: string }) => row.case)).toEqual(["a"]);
    expect(taken).toEqual(["a tautline", "a ws"]);
  });
});
