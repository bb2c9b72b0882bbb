import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { TurnBudget } from "../../../src/extensions/permessage-deflate/turn-budget.ts";

const ALWAYS = () => true;

/** Turns of an event loop that the test begins. */
class Turns {
  #begin: (() => void)[] = [];

  readonly atNext = (beginTurn: () => void): void => {
    this.#begin.push(beginTurn);
  };

  /** Whether the next turn is scheduled. */
  get areAwaited(): boolean {
    return this.#begin.length > 0;
  }

  next(): void {
    const begin = this.#begin;
    this.#begin = [];
    for (const beginTurn of begin) beginTurn();
  }
}

function budgetOf(limit: number) {
  const turns = new Turns();
  return { turns, budget: new TurnBudget(limit, turns.atNext) };
}

describe("the budget of a turn", () => {
  test("a budget has room until it is used up, and again in the next turn", () => {
    const { budget, turns } = budgetOf(10);
    budget.spend(9);
    expect(budget.hasRoom).toBe(true);
    budget.spend(1);
    expect(budget.hasRoom).toBe(false);
    turns.next();
    expect(budget.hasRoom).toBe(true);
    budget.spend(10);
    expect(budget.hasRoom).toBe(false);
  });

  test("a budget schedules no turn while no work is done", () => {
    const { budget, turns } = budgetOf(10);
    expect(turns.areAwaited).toBe(false);
    budget.spend(100);
    turns.next();
    expect(turns.areAwaited).toBe(false);
  });

  test("a budget has no room for new work while other work waits", async () => {
    const { budget, turns } = budgetOf(10);
    budget.spend(10);
    const waiting = [budget.later(() => budget.spend(10), ALWAYS), budget.later(() => budget.spend(1), ALWAYS)];
    turns.next();
    expect(budget.hasRoom).toBe(false);
    turns.next();
    expect(budget.hasRoom).toBe(true);
    await Promise.all(waiting);
  });

  test("work whose result is not needed any more is skipped, and the next work is done in the same turn", async () => {
    const { budget, turns } = budgetOf(1);
    const done: string[] = [];
    const later = (name: string, isWanted: () => boolean) =>
      budget.later(() => {
        budget.spend(1);
        done.push(name);
      }, isWanted);
    const unwanted = expect(later("unwanted", () => false)).rejects.toThrow("the connection closed");
    const wanted = later("wanted", ALWAYS);
    turns.next();
    await Promise.all([unwanted, wanted]);
    expect(done).toEqual(["wanted"]);
  });

  test("work that throws rejects its own promise only", async () => {
    const { budget, turns } = budgetOf(1);
    const broken = () => {
      throw new Error("broken");
    };
    const results = [budget.later(broken, ALWAYS), budget.later(() => "whole", ALWAYS)];
    turns.next();
    expect(await Promise.allSettled(results)).toEqual([
      { status: "rejected", reason: new Error("broken") },
      { status: "fulfilled", value: "whole" },
    ]);
  });

  test("only the last piece of work of a turn may exceed the budget, and all work is done in the order of the calls", async () => {
    const steps = fc.array(fc.oneof(fc.integer({ min: 1, max: 30 }), fc.constant("turn" as const)), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 40 }), steps, async (limit, all) => {
        const { budget, turns } = budgetOf(limit);
        const done: number[] = [];
        let ofTurn: number[] = [];
        const work = (index: number, cost: number) => () => {
          expect(ofTurn.reduce((sum, each) => sum + each, 0)).toBeLessThan(limit);
          budget.spend(cost);
          ofTurn.push(cost);
          done.push(index);
        };
        const turn = () => {
          ofTurn = [];
          turns.next();
        };
        const later: Promise<void>[] = [];
        let count = 0;
        for (const step of all) {
          if (step === "turn") turn();
          else if (budget.hasRoom) work(count++, step)();
          else later.push(budget.later(work(count++, step), ALWAYS));
        }
        while (turns.areAwaited) turn();
        await Promise.all(later);
        expect(done).toEqual(Array.from({ length: count }, (_, index) => index));
      }),
    );
  });
});

describe("the turns of the event loop", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test("turns go on while the application fakes its timers", async () => {
    const budget = new TurnBudget(1);
    vi.useFakeTimers();
    budget.spend(1);
    expect(await budget.later(() => "done", ALWAYS)).toBe("done");
  });
});
