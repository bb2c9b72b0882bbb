import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { watchAbort } from "../../src/node/abort-watch.ts";

const listeners = (signal: AbortSignal) => getEventListeners(signal, "abort").length;

describe("watchAbort", () => {
  it("watchAbort() attaches one listener for all reactions to a signal, and removes it with the last", () => {
    const { signal } = new AbortController();
    const stops = Array.from({ length: 20 }, () => watchAbort(signal, () => {}));
    expect(listeners(signal)).toBe(1);
    for (const stop of stops.slice(1)) stop();
    expect(listeners(signal)).toBe(1);
    stops[0]?.();
    expect(listeners(signal)).toBe(0);
  });

  it("watchAbort() calls all reactions in their order, except those that have stopped", () => {
    const controller = new AbortController();
    const called: number[] = [];
    const stops = [1, 2, 3, 4].map((index) => watchAbort(controller.signal, () => called.push(index)));
    stops[1]?.();
    controller.abort();
    expect(called).toEqual([1, 3, 4]);
    expect(listeners(controller.signal)).toBe(0);
  });

  it("watchAbort() lets a reaction stop itself and others", () => {
    const controller = new AbortController();
    const called: number[] = [];
    const stops: (() => void)[] = [];
    const react = (index: number) => {
      called.push(index);
      stops[index]?.();
      stops[index + 1]?.();
    };
    for (const index of [0, 1, 2]) stops.push(watchAbort(controller.signal, () => react(index)));
    controller.abort();
    expect(called).toEqual([0, 2]);
    expect(listeners(controller.signal)).toBe(0);
  });

  it("watchAbort() still calls back the only one left after all others have stopped", () => {
    const controller = new AbortController();
    const called: string[] = [];
    const stopFirst = watchAbort(controller.signal, () => called.push("first"));
    stopFirst();
    watchAbort(controller.signal, () => called.push("second"));
    stopFirst();
    expect(listeners(controller.signal)).toBe(1);
    controller.abort();
    expect(called).toEqual(["second"]);
  });

  it("watchAbort() keeps signals apart", () => {
    const [one, other] = [new AbortController(), new AbortController()];
    const called: string[] = [];
    watchAbort(one.signal, () => called.push("one"));
    watchAbort(other.signal, () => called.push("other"));
    other.abort();
    expect(called).toEqual(["other"]);
    expect(listeners(one.signal)).toBe(1);
  });
});
