import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OpeningQueue } from "../../src/node/opening-queue.ts";
import { runs } from "../support/runs.ts";

/** RFC 6455 section 4.1, item 2. */
describe("OpeningQueue", () => {
  it("an OpeningQueue gives the turn at once if nobody is ahead", () => {
    const turns: string[] = [];
    new OpeningQueue().enter("a", () => turns.push("first"));
    expect(turns).toEqual(["first"]);
  });

  it("an OpeningQueue gives the turn to one after the other, in their order", () => {
    const queue = new OpeningQueue();
    const turns: string[] = [];
    const leaveFirst = queue.enter("a", () => turns.push("first"));
    const leaveSecond = queue.enter("a", () => turns.push("second"));
    queue.enter("a", () => turns.push("third"));
    expect(turns).toEqual(["first"]);
    leaveFirst();
    expect(turns).toEqual(["first", "second"]);
    leaveSecond();
    expect(turns).toEqual(["first", "second", "third"]);
  });

  it("an OpeningQueue does not make one address wait for another", () => {
    const queue = new OpeningQueue();
    const turns: string[] = [];
    queue.enter("a", () => turns.push("a"));
    queue.enter("b", () => turns.push("b"));
    expect(turns).toEqual(["a", "b"]);
  });

  it("an OpeningQueue passes over those that left before their turn", () => {
    const queue = new OpeningQueue();
    const turns: string[] = [];
    const leaveFirst = queue.enter("a", () => turns.push("first"));
    const leaveSecond = queue.enter("a", () => turns.push("second"));
    queue.enter("a", () => turns.push("third"));
    leaveSecond();
    leaveFirst();
    expect(turns).toEqual(["first", "third"]);
  });

  it("an OpeningQueue lets each leave only once", () => {
    const queue = new OpeningQueue();
    const turns: string[] = [];
    const leaveFirst = queue.enter("a", () => turns.push("first"));
    queue.enter("a", () => turns.push("second"));
    queue.enter("a", () => turns.push("third"));
    leaveFirst();
    leaveFirst();
    expect(turns).toEqual(["first", "second"]);
  });

  it("an OpeningQueue holds nothing once all have left", () => {
    const queue = new OpeningQueue();
    const turns: string[] = [];
    queue.enter("a", () => turns.push("first"))();
    queue.enter("a", () => turns.push("second"));
    expect(turns).toEqual(["first", "second"]);
  });

  it("an OpeningQueue gives the turn to thousands that leave at once without filling the stack", () => {
    const queue = new OpeningQueue();
    let turns = 0;
    const leaveFirst = queue.enter("a", () => {});
    for (let i = 0; i < 20_000; i++) {
      const leave: () => void = queue.enter("a", () => {
        turns++;
        leave();
      });
    }
    leaveFirst();
    expect(turns).toBe(20_000);
  });

  it("an OpeningQueue never has two at work for one address, and forgets none, in any order of entering and leaving", () => {
    const step = fc.record({ enter: fc.boolean(), address: fc.constantFrom("a", "b"), pick: fc.nat(20) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const queue = new OpeningQueue();
        const inside: { address: string; active: boolean; leave: () => void }[] = [];
        for (const { enter, address, pick } of steps) {
          if (enter) {
            const one = { address, active: false, leave: () => {} };
            inside.push(one);
            one.leave = queue.enter(address, () => {
              one.active = true;
            });
          } else {
            const [gone] = inside.splice(pick % Math.max(1, inside.length), 1);
            gone?.leave();
          }
          for (const each of ["a", "b"]) {
            const here = inside.filter((one) => one.address === each);
            expect(here.filter((one) => one.active).length).toBe(here.length === 0 ? 0 : 1);
            // The turn goes by the order of entering.
            if (here.length > 0) expect(here[0]?.active).toBe(true);
          }
        }
      }),
      { seed: 6455, numRuns: runs(3) },
    );
  });
});
