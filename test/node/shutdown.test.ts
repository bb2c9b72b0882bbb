import { getEventListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Deadline } from "../../src/deadline.ts";
import { type ShutdownParts, shutDown } from "../../src/node/shutdown.ts";
import { turn } from "../support/connection-harness.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

function setUp() {
  const calls: unknown[][] = [];
  let go = () => {};
  const gone = new Promise<void>((resolve) => {
    go = resolve;
  });
  const parts: ShutdownParts = {
    connections: {
      closeAll: (code, reason) => void calls.push(["close", code, reason]),
      terminateAll: () => void calls.push(["terminate"]),
    },
    sockets: { destroyAll: () => void calls.push(["destroy"]) },
    gone,
  };
  const state = { isOver: false };
  const begin = (timeout: number) =>
    void shutDown(parts, { timeout, signal: undefined }).then(() => {
      state.isOver = true;
    });
  return { calls, go, state, begin };
}

async function pass(milliseconds: number): Promise<void> {
  for (let passed = 0; passed < milliseconds; passed += milliseconds / 4) {
    vi.advanceTimersByTime(milliseconds / 4);
    await turn();
  }
  for (let i = 0; i < 12; i++) await turn();
}

describe("shutDown", () => {
  test("RFC 6455 section 7.4.1: shutDown() closes all connections with 1001, and ends when all are gone, whatever time is left", async () => {
    const { calls, go, state, begin } = setUp();
    begin(1000);
    expect(calls).toEqual([["close", 1001, "the server is closing"]]);
    await turn();
    expect(state.isOver).toBe(false);
    go();
    await turn();
    expect(state.isOver).toBe(true);
    await pass(1000);
    expect(calls, "nobody is terminated").toHaveLength(1);
  });

  test("shutDown() terminates what is left after the timeout, and ends when that is gone", async () => {
    const { calls, go, state, begin } = setUp();
    begin(1000);
    vi.advanceTimersByTime(250);
    await turn();
    expect(calls).toHaveLength(1);
    await pass(750);
    expect(calls.slice(1)).toEqual([["terminate"], ["destroy"]]);
    go();
    await turn();
    expect(state.isOver).toBe(true);
  });

  test("shutDown() ends within some turns although a socket of the application's own never closes", async () => {
    const { calls, state, begin } = setUp();
    begin(1000);
    await pass(1000);
    expect(calls.slice(1)).toEqual([["terminate"], ["destroy"]]);
    expect(state.isOver).toBe(true);
  });

  test("shutDown() cancels its time limit when all are gone in time", async () => {
    const cancelled = vi.spyOn(Deadline.prototype, "cancel");
    const { go, begin } = setUp();
    begin(1000);
    await turn();
    expect(cancelled).not.toHaveBeenCalled();
    go();
    await turn();
    expect(cancelled).toHaveBeenCalledTimes(1);
    cancelled.mockRestore();
  });
});

function setUpWithSpies() {
  let leave = () => {};
  const gone = new Promise<void>((resolve) => {
    leave = resolve;
  });
  const connections = { closeAll: vi.fn(), terminateAll: vi.fn(() => leave()) };
  const sockets = { destroyAll: vi.fn() };
  return { parts: { connections, sockets, gone }, connections, sockets, leave: () => leave() };
}

describe("shutDown() with a signal", () => {
  test("connections that close in time are not terminated, and the signal has no listener left", async () => {
    const { parts, connections, leave } = setUpWithSpies();
    const { signal } = new AbortController();
    const done = shutDown(parts, { timeout: 600_000, signal });
    expect(getEventListeners(signal, "abort").length).toBe(1);
    leave();
    await done;
    expect([connections.closeAll.mock.calls, connections.terminateAll.mock.calls]).toEqual([
      [[1001, "the server is closing"]],
      [],
    ]);
    expect(getEventListeners(signal, "abort").length).toBe(0);
  });

  test.each([
    ["when the signal is aborted", false],
    ["at once if it was aborted before", true],
  ])("the others are terminated %s", async (_when, isAbortedBefore) => {
    const { parts, connections, sockets } = setUpWithSpies();
    const controller = new AbortController();
    if (isAbortedBefore) controller.abort();
    const done = shutDown(parts, { timeout: 600_000, signal: controller.signal });
    controller.abort();
    await done;
    expect([connections.terminateAll.mock.calls.length, sockets.destroyAll.mock.calls.length]).toEqual([1, 1]);
  });
});
