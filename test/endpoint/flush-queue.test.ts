import { expect, test } from "vitest";
import { FlushQueue } from "../../src/endpoint/flush-queue.ts";
import { turn, uncaughtDuring } from "../support/connection-harness.ts";

test("a FlushQueue flushes once at the end of the tick, in the order of adding", async () => {
  const queue = new FlushQueue();
  const flushed: string[] = [];
  for (const name of ["a", "b", "c"]) queue.add({ flush: () => void flushed.push(name) });
  expect(flushed).toEqual([]);
  await turn();
  expect(flushed).toEqual(["a", "b", "c"]);
  await turn();
  expect(flushed).toEqual(["a", "b", "c"]);
});

test("what is added to a FlushQueue during its flush is flushed in a later tick", async () => {
  const queue = new FlushQueue();
  const flushed: string[] = [];
  const second = { flush: () => void flushed.push("second") };
  const first = {
    flush: () => {
      flushed.push("first");
      queue.add(second);
    },
  };
  queue.add(first);
  await turn();
  expect(flushed).toEqual(["first", "second"]);
});

test("a member of a FlushQueue that throws delays no other, and its error is an uncaught one", async () => {
  const queue = new FlushQueue();
  const flushed: string[] = [];
  const broken = new Error("a transport of the application's own");
  const uncaught = await uncaughtDuring(() => {
    queue.add({
      flush: () => {
        throw broken;
      },
    });
    queue.add({ flush: () => void flushed.push("the other") });
  });
  expect(flushed).toEqual(["the other"]);
  expect(uncaught).toEqual([broken]);
});
