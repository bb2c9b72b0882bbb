import { expect, test } from "vitest";
import { Deferred } from "../../src/websocket/deferred.ts";
import { turn } from "../support/connection-harness.ts";
import { watchUncaught } from "../support/uncaught.ts";

test("a deferred promise is settled from outside, once", async () => {
  const deferred = new Deferred<number>();
  deferred.resolve(1);
  deferred.reject(new Error("too late"));
  expect(await deferred.promise).toBe(1);
});

test("a rejection that nobody awaits is not reported, and can still be awaited later", async () => {
  const uncaught = watchUncaught();
  const deferred = new Deferred<never>();
  const error = new Error("nobody looks");
  deferred.reject(error);
  await turn();
  await turn();
  expect(uncaught).toEqual([]);
  await expect(deferred.promise).rejects.toBe(error);
});
