import { describe, expect, test, vi } from "vitest";
import { DrainSignal } from "../../src/connection/drain-signal.ts";
import { turn } from "../support/connection-harness.ts";

function setUp() {
  const source = { emitDrain: vi.fn(), onNeverDrained: vi.fn(), rejectDrain: vi.fn() };
  return { source, signal: new DrainSignal(source) };
}

describe("'drain'", () => {
  test("'drain' is emitted once after a false, when all has left, and not within the call that reports it", async () => {
    const { source, signal } = setUp();
    signal.await();
    signal.await();
    signal.onAllSent();
    signal.onAllSent();
    expect(source.emitDrain).not.toHaveBeenCalled();
    await turn();
    signal.onAllSent();
    await turn();
    expect(source.emitDrain).toHaveBeenCalledTimes(1);
  });

  test("'drain' is not emitted unless somebody waits", async () => {
    const { source, signal } = setUp();
    signal.onAllSent();
    await turn();
    expect(source.emitDrain).not.toHaveBeenCalled();
  });

  test("'drain' is put off when more was sent before it was emitted, and then emitted once for both", async () => {
    const { source, signal } = setUp();
    signal.await();
    signal.onAllSent();
    signal.await();
    await turn();
    expect(source.emitDrain).not.toHaveBeenCalled();
    signal.onAllSent();
    await turn();
    expect(source.emitDrain).toHaveBeenCalledTimes(1);
  });

  test("'drain' is not emitted twice when all has left twice within one tick", async () => {
    const { source, signal } = setUp();
    signal.await();
    signal.onAllSent();
    signal.await();
    signal.onAllSent();
    await turn();
    expect(source.emitDrain).toHaveBeenCalledTimes(1);
  });

  test.each([
    ["awaited", (signal: DrainSignal) => signal.await()],
    [
      "due",
      (signal: DrainSignal) => {
        signal.await();
        signal.onAllSent();
      },
    ],
    ["unwanted", () => {}],
  ])("no 'drain' is emitted after the end, when it was %s", async (_, prepare) => {
    const { source, signal } = setUp();
    prepare(signal);
    signal.end();
    signal.await();
    signal.onAllSent();
    await turn();
    expect(source.emitDrain).not.toHaveBeenCalled();
  });
});

describe("that 'drain' will never come is reported once, in a later tick,", () => {
  test.each([
    ["before the end", (signal: DrainSignal) => [signal.await(), signal.end()]],
    ["after the end", (signal: DrainSignal) => [signal.end(), signal.await()]],
  ])(
    "a 'drain' that will never come is reported once, in a later tick, if send() has returned false %s",
    async (_, run) => {
      const { source, signal } = setUp();
      run(signal);
      signal.await();
      signal.end();
      expect([signal.isUnmet, signal.isReported]).toEqual([true, false]);
      expect(source.onNeverDrained).not.toHaveBeenCalled();
      await turn();
      expect(source.onNeverDrained).toHaveBeenCalledTimes(1);
      expect([signal.isUnmet, signal.isReported]).toEqual([true, true]);
      signal.await();
      await turn();
      expect(source.onNeverDrained).toHaveBeenCalledTimes(1);
    },
  );

  test("a 'drain' that will never come is not reported if send() has never returned false", async () => {
    const { source, signal } = setUp();
    signal.end();
    await turn();
    expect(source.onNeverDrained).not.toHaveBeenCalled();
  });
});
