import { describe, expect, test, vi } from "vitest";
import { PieceQueue } from "../../src/connection/piece-queue.ts";

function setUp() {
  let cost = 0;
  const onTaken = vi.fn();
  const queue = new PieceQueue({
    onCost: (change) => {
      cost += change;
    },
    onTaken,
  });
  return { queue, onTaken, cost: () => cost };
}

const DONE = { done: true, value: undefined };

describe("the pieces of a message", () => {
  test("wait for their loop, and the loop waits for them", async () => {
    const { queue, cost } = setUp();
    const loop = queue[Symbol.asyncIterator]();
    queue.put("a");
    expect(cost()).toBe(65);
    expect(await loop.next()).toEqual({ done: false, value: "a" });
    expect(cost()).toBe(0);
    const [next, end] = [loop.next(), loop.next()];
    queue.put("b");
    queue.end();
    expect([await next, await end]).toEqual([{ done: false, value: "b" }, DONE]);
  });

  test("come before the failure of their connection", async () => {
    const { queue } = setUp();
    queue.put("a");
    queue.fail(new Error("cut off"));
    expect(await queue.next()).toEqual({ done: false, value: "a" });
    await expect(queue.next()).rejects.toThrow("cut off");
  });

  test("are not kept once they are abandoned", async () => {
    const { queue, onTaken, cost } = setUp();
    queue.put("a");
    queue.abandon();
    queue.put("b");
    expect([cost(), onTaken.mock.calls.length]).toEqual([0, 1]);
    await expect(queue.next()).rejects.toThrow("abandoned");
  });

  test("end their loop for good when it is left", async () => {
    const { queue, cost } = setUp();
    queue.put("a");
    expect(await queue.return()).toEqual(DONE);
    expect([await queue.next(), cost()]).toEqual([DONE, 0]);
  });

  test("are not lost to a loop that has taken all of them when the next message is taken", async () => {
    const { queue } = setUp();
    queue.end();
    queue.abandon();
    expect(await queue.next()).toEqual(DONE);
  });

  test("join to a whole message", () => {
    const { queue, cost } = setUp();
    queue.put("a");
    queue.put("b");
    expect([queue.joined(true), cost()]).toEqual(["ab", 0]);
    queue.put(Buffer.from([1]));
    queue.put(Buffer.from([2]));
    expect(queue.joined(false)).toEqual(Buffer.from([1, 2]));
  });
});
