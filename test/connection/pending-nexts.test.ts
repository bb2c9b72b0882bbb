import { expect, test } from "vitest";
import { PendingNexts } from "../../src/connection/pending-nexts.ts";

const DONE = { done: true, value: undefined };

test("calls of next() that wait get the items in their order", async () => {
  const pending = new PendingNexts<string>();
  const [first, second] = [pending.add(), pending.add()];
  expect([pending.fulfil("a"), pending.fulfil("b"), pending.fulfil("c")]).toEqual([true, true, false]);
  expect(await Promise.all([first, second])).toEqual([
    { done: false, value: "a" },
    { done: false, value: "b" },
  ]);
  expect(pending.isEmpty).toBe(true);
});

test("an end in order resolves all calls of next() that wait", async () => {
  const pending = new PendingNexts<string>();
  const all = [pending.add(), pending.add()];
  pending.end(null);
  expect(await Promise.all(all)).toEqual([DONE, DONE]);
});

test("an end with an error rejects the first call of next() that waits, and resolves the others", async () => {
  const pending = new PendingNexts<string>();
  const [first, second] = [pending.add(), pending.add()];
  pending.end(new Error("cut off"));
  await expect(first).rejects.toThrow("cut off");
  expect(await second).toEqual(DONE);
});

test("rejectAll() rejects each call of next() that waits", async () => {
  const pending = new PendingNexts<string>();
  const all = [pending.add(), pending.add()];
  pending.rejectAll(new Error("abandoned"));
  const settled = await Promise.allSettled(all);
  expect(settled.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
});
