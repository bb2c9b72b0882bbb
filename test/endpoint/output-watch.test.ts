import { describe, expect, test } from "vitest";
import { OutputWatch } from "../../src/endpoint/output-watch.ts";

const MIB = 1 << 20;

describe("what a peer takes", () => {
  test("bytes that a peer takes are progress only if they belong to a backlog", () => {
    const watch = new OutputWatch();
    expect(watch.look(0, 100, false)).toBe(false);
    // Frames that leave at once, such as pings, are no progress.
    expect(watch.look(100, 200, false)).toBe(false);
    expect(watch.look(200, 300, true)).toBe(false);
    expect(watch.look(300, 300, true)).toBe(false);
    expect(watch.look(400, 301, true)).toBe(true);
    expect(watch.look(500, 301, true)).toBe(false);
    // The rest of the backlog has left.
    expect(watch.look(600, 500, false)).toBe(true);
    expect(watch.look(700, 600, false)).toBe(false);
  });

  test("a peer that takes nothing has one second from when the backlog was first seen", () => {
    const watch = new OutputWatch();
    for (let now = 100; now < 10_000; now += 100) watch.look(now, 5, true);
    expect(watch.readBy).toBe(1100);
  });

  test("a peer that takes in bursts has the longest time that it took between two of them", () => {
    const watch = new OutputWatch();
    watch.look(0, 0, true);
    for (const now of [500, 1000]) watch.look(now, 0, true);
    watch.look(1500, MIB, true);
    expect(watch.readBy).toBe(3000);
    watch.look(1600, 2 * MIB, true);
    expect(watch.readBy).toBe(3100);
  });

  test("a peer that took all of a short backlog has as long again for what both systems hold", () => {
    const watch = new OutputWatch();
    watch.look(1000, 0, true);
    watch.look(3000, MIB, true);
    watch.look(4000, 2 * MIB, false);
    expect(watch.readBy).toBe(7000);
  });

  test("a peer that took all of a long backlog has as long as 16 MiB took", () => {
    const watch = new OutputWatch();
    watch.look(0, 0, true);
    // 2 MiB a second for a minute.
    for (let second = 1; second <= 60; second++) watch.look(second * 1000, second * 2 * MIB, second < 60);
    expect(watch.readBy - 60_000).toBe(8000);
  });

  test("the time that a peer gets follows its current speed, and begins anew with each backlog", () => {
    const watch = new OutputWatch();
    watch.look(0, 0, true);
    watch.look(1000, 160 * MIB, true);
    // It was fast: 16 MiB take it 100 ms. Now it is slow.
    watch.look(5000, 161 * MIB, false);
    expect(watch.readBy).toBe(9000);
    watch.look(60_000, 200 * MIB, true);
    watch.look(60_100, 201 * MIB, false);
    expect(watch.readBy).toBe(60_200);
  });
});
