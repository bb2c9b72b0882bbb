import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Deadline } from "../src/deadline.ts";
import { carried, closing } from "./support/carriers.ts";
import { CLOSE } from "./support/frames.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setImmediate", "clearImmediate"] });
});
afterEach(() => {
  vi.useRealTimers();
});

test("a deadline is missed once, in the turn after its time is over", () => {
  const onMissed = vi.fn();
  new Deadline(100, onMissed);
  vi.advanceTimersByTime(99);
  expect(vi.getTimerCount()).toBe(1);
  expect(onMissed).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  vi.runAllTimers();
  expect(onMissed).toHaveBeenCalledTimes(1);
});

test("a deadline that is cancelled is not missed, also not between the end of its time and the last look", () => {
  const onMissed = vi.fn();
  new Deadline(100, onMissed).cancel();
  vi.runAllTimers();
  const late = new Deadline(100, onMissed);
  setTimeout(() => late.cancel(), 100);
  vi.runAllTimers();
  expect(onMissed).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
});

test("after a stall of the event loop, what waits in a socket is read before closeTimeout counts as missed", async () => {
  vi.useRealTimers();
  const { connection, peer, send } = await carried("a TCP server", { closeTimeout: 50 });
  connection.close(4000);
  const { payload } = await peer.frame();
  send({ opcode: CLOSE, payload });
  stall(120);
  const [code] = await closing(connection);
  expect(code).toBe(4000);
});

/** Keeps the event loop busy. */
function stall(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}
