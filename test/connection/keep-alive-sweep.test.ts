import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { KeepAliveSweep } from "../../src/connection/keep-alive-sweep.ts";
import { turn } from "./harness.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const settings = { pingInterval: 4000, pingTimeout: 4000, idleTimeout: 0 };

function member() {
  const sweeps: number[] = [];
  return { sweeps, onSweep: (now: number) => void sweeps.push(now), flushAtExit() {} };
}

test("one timer for all members, and none while there are none", () => {
  const sweep = new KeepAliveSweep(settings);
  expect(vi.getTimerCount()).toBe(0);
  const members = Array.from({ length: 100 }, member);
  for (const each of members) sweep.add(each);
  expect(vi.getTimerCount()).toBe(1);
  for (const each of members.slice(1)) sweep.delete(each);
  expect(vi.getTimerCount()).toBe(1);
  sweep.delete(member());
  expect(vi.getTimerCount()).toBe(1);
  for (const each of members) sweep.delete(each);
  expect(vi.getTimerCount()).toBe(0);
  sweep.add(member());
  expect(vi.getTimerCount()).toBe(1);
});

test("without a limit to watch there is no timer at all", () => {
  const sweep = new KeepAliveSweep({ pingInterval: 0, pingTimeout: 1, idleTimeout: 0 });
  sweep.add(member());
  expect(vi.getTimerCount()).toBe(0);
});

test("its clock moves once a sweep, and every member hears the same time", async () => {
  const sweep = new KeepAliveSweep(settings);
  const [first, second] = [member(), member()];
  sweep.add(first);
  sweep.add(second);
  const start = sweep.now;
  vi.advanceTimersByTime(999);
  expect(sweep.now).toBe(start);
  vi.advanceTimersByTime(1);
  expect(sweep.now).toBe(start + 1000);
  await turn();
  vi.advanceTimersByTime(1000);
  await turn();
  expect(first.sweeps).toEqual([start + 1000, start + 2000]);
  expect(second.sweeps).toEqual(first.sweeps);
});

test("the clock is right again for the first member after a time without any", () => {
  const sweep = new KeepAliveSweep(settings);
  const start = sweep.now;
  vi.advanceTimersByTime(60_000);
  sweep.add(member());
  expect(sweep.now).toBe(start + 60_000);
});

test("a member may leave while it is looked at, and take others with it", async () => {
  const sweep = new KeepAliveSweep(settings);
  const last = member();
  const leaving = {
    flushAtExit() {},
    onSweep: () => {
      sweep.delete(leaving);
      sweep.delete(last);
    },
  };
  sweep.add(leaving);
  sweep.add(last);
  vi.advanceTimersByTime(5000);
  await turn();
  expect(last.sweeps).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

test("tells each time that the last member has gone, and only then", () => {
  const onEmpty = vi.fn();
  const sweep = new KeepAliveSweep(settings, onEmpty);
  const [first, second] = [member(), member()];
  sweep.add(first);
  sweep.add(second);
  sweep.delete(first);
  sweep.delete(first);
  expect(onEmpty).not.toHaveBeenCalled();
  sweep.delete(second);
  sweep.delete(second);
  expect(onEmpty).toHaveBeenCalledTimes(1);
  expect([...sweep.members]).toEqual([]);
});
