import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { Waiters } from "../../src/connection/waiters.ts";

test("all waiters are released by one event, and none of them by the next", async () => {
  const waiters = new Waiters();
  const both = [waiters.wait(undefined), waiters.wait(new AbortController().signal)];
  waiters.resolveAll();
  expect(await Promise.all(both)).toEqual([undefined, undefined]);
  const later = waiters.wait(undefined);
  waiters.rejectAll(new Error("over"));
  await expect(later).rejects.toThrow("over");
});

test("an aborted signal ends only its own wait, with its reason", async () => {
  const waiters = new Waiters();
  const controller = new AbortController();
  const aborted = waiters.wait(controller.signal);
  const other = waiters.wait(undefined);
  controller.abort("enough");
  await expect(aborted).rejects.toBe("enough");
  waiters.resolveAll();
  await expect(other).resolves.toBeUndefined();
});

test("a signal that was aborted before ends the wait at once", async () => {
  await expect(new Waiters().wait(AbortSignal.abort("no"))).rejects.toBe("no");
});

test("a signal has no listener left when its wait is over", async () => {
  const waiters = new Waiters();
  const { signal } = new AbortController();
  const wait = waiters.wait(signal);
  expect(getEventListeners(signal, "abort").length).toBe(1);
  waiters.resolveAll();
  await wait;
  expect(getEventListeners(signal, "abort").length).toBe(0);
});
