import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { KeepAliveSettings } from "../../src/endpoint/keep-alive.ts";
import { KeepAliveSweep, type Sweepable } from "../../src/endpoint/keep-alive-sweep.ts";
import { OpenEndpoints } from "../../src/endpoint/open-endpoints.ts";
import { turn } from "../support/connection-harness.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const settings = { pingInterval: 4000, pingTimeout: 4000, idleTimeout: 0 };

/** A sweep over a set of members that starts with the first and stops with the last, as a group of endpoints has it. */
function sweeping(of: KeepAliveSettings, onLastGone: () => void = () => {}) {
  const open = new OpenEndpoints<object>({
    onFirst: () => sweep.start(),
    onLastGone: () => {
      sweep.stop();
      onLastGone();
    },
  });
  const sweep = new KeepAliveSweep(of, open);
  type Member = Sweepable & { flushAtExit(): void };
  return {
    add: (each: Member) => open.add(each, each),
    delete: (each: Member) => open.delete(each),
    get now() {
      return sweep.now;
    },
    get members() {
      return open.faces;
    },
  };
}

function member() {
  const sweeps: number[] = [];
  return { sweeps, onSweep: (now: number) => void sweeps.push(now), flushAtExit() {} };
}

test("a sweep has one timer for all members, and none while there are none", () => {
  const sweep = sweeping(settings);
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

test("a sweep without a limit to watch has no timer at all", () => {
  const sweep = sweeping({ pingInterval: 0, pingTimeout: 1, idleTimeout: 0 });
  sweep.add(member());
  expect(vi.getTimerCount()).toBe(0);
});

test("the clock of a sweep moves once per sweep, and every member gets the same time", async () => {
  const sweep = sweeping(settings);
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

test("the clock of a sweep is right again for the first member after a time without any", () => {
  const sweep = sweeping(settings);
  const start = sweep.now;
  vi.advanceTimersByTime(60_000);
  sweep.add(member());
  expect(sweep.now).toBe(start + 60_000);
});

describe("a stall of the event loop", () => {
  /** Lets the timer run once, as if the loop had stalled for so many milliseconds before it. */
  function stall(milliseconds: number): void {
    const late = performance.now() + 1000 + milliseconds;
    vi.spyOn(performance, "now").mockReturnValueOnce(late);
    vi.advanceTimersByTime(1000);
  }

  test("a stall of the event loop moves the clock of a sweep by no more than one period", () => {
    const sweep = sweeping(settings);
    sweep.add(member());
    const start = sweep.now;
    stall(3_600_000);
    expect(sweep.now).toBe(start + 1000);
  });

  test("a stall of the event loop is distinguished from a timer that is a little late", () => {
    const sweep = sweeping(settings);
    sweep.add(member());
    const start = sweep.now;
    stall(900);
    expect(sweep.now).toBe(start + 1900);
  });

  test("the clock of a sweep still moves if every turn of the event loop stalls", () => {
    const sweep = sweeping(settings);
    sweep.add(member());
    const start = sweep.now;
    for (let turns = 0; turns < 5; turns++) {
      const before = sweep.now;
      stall(1e6 * (turns + 1));
      expect(sweep.now - before).toBe(1000);
    }
    expect(sweep.now).toBe(start + 5000);
  });

  test("sockets are read after a stall of the event loop before a member is looked at", async () => {
    const sweep = sweeping(settings);
    const watched = member();
    sweep.add(watched);
    vi.advanceTimersByTime(4000);
    expect(watched.sweeps).toEqual([]);
    await turn();
    expect(watched.sweeps).toHaveLength(1);
  });
});

test("no member is looked at once the last one has left the sweep", async () => {
  const sweep = sweeping(settings);
  const watched = member();
  sweep.add(watched);
  vi.advanceTimersByTime(1000);
  sweep.delete(watched);
  await turn();
  expect(watched.sweeps).toEqual([]);
});

test("a member may leave the sweep while it is looked at, and take others with it", async () => {
  const sweep = sweeping(settings);
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

test("the last member that leaves is reported each time, and no other", () => {
  const onEmpty = vi.fn();
  const sweep = sweeping(settings, onEmpty);
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
