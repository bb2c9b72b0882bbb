import { expect, test } from "vitest";
import { FlushQueue } from "../../src/connection/flush-queue.ts";
import { turn } from "./harness.ts";

test("flushes once at the end of the tick, in the order of adding", async () => {
  const queue = new FlushQueue();
  const flushed: string[] = [];
  for (const name of ["a", "b", "c"]) queue.add({ flush: () => void flushed.push(name) });
  expect(flushed).toEqual([]);
  await turn();
  expect(flushed).toEqual(["a", "b", "c"]);
  await turn();
  expect(flushed).toEqual(["a", "b", "c"]);
});

test("what is added during a flush comes in a flush of its own", async () => {
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
