import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Deadline } from "../src/deadline.ts";
import { carried, closing } from "./support/carriers.ts";
import { CLOSE } from "./support/frames.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setImmediate", "clearImmediate"] });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

test("a deadline is missed once, and not before its time is over", () => {
  const onMissed = vi.fn();
  new Deadline(100, onMissed);
  vi.advanceTimersByTime(99);
  expect(vi.getTimerCount()).toBe(1);
  expect(onMissed).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  vi.runAllTimers();
  expect(onMissed).toHaveBeenCalledTimes(1);
});

test("a cancelled deadline is never missed, even if it is cancelled between the end of its time and the last read", () => {
  const onMissed = vi.fn();
  new Deadline(100, onMissed).cancel();
  vi.runAllTimers();
  const late = new Deadline(100, onMissed);
  setTimeout(() => late.cancel(), 100);
  vi.runAllTimers();
  expect(onMissed).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
});

test("after a stall of the event loop, sockets are read before closeTimeout counts as missed", async () => {
  vi.useRealTimers();
  const { connection, peer, send } = await carried("a TCP server", { closeTimeout: 50 });
  connection.close(4000);
  const { payload } = await peer.frame();
  send({ opcode: CLOSE, payload });
  stall(120);
  const [code] = await closing(connection);
  expect(code).toBe(4000);
});

test("a late timer of a deadline does not shorten the timers behind it", () => {
  const steps: { milliseconds: number; pass: () => void }[] = [];
  const timer = { unref: vi.fn() };
  vi.spyOn(globalThis, "setTimeout").mockImplementation(((pass: () => void, milliseconds: number) => {
    steps.push({ milliseconds, pass });
    return timer;
  }) as unknown as typeof setTimeout);
  const onMissed = vi.fn();
  new Deadline(102, onMissed).unref();
  for (let step = 0; step < 4; step++) {
    expect(steps).toHaveLength(step + 1);
    steps[step]?.pass();
  }
  expect(steps.map(({ milliseconds }) => milliseconds)).toEqual([26, 26, 26, 24]);
  expect(timer.unref).toHaveBeenCalledTimes(4);
});

test("a stall of the event loop that is longer than closeTimeout leaves the peer time to answer", async () => {
  vi.useRealTimers();
  const { connection, peer, send } = await carried("a TCP server", { closeTimeout: 200 });
  connection.close(4000);
  stall(250);
  const { payload } = await peer.frame();
  send({ opcode: CLOSE, payload });
  expect((await closing(connection))[0]).toBe(4000);
});

test("a stall of the event loop that is longer than the timeout of server.close() leaves the peer time to answer", async () => {
  vi.useRealTimers();
  const { connection, peer, send, server } = await carried("a TCP server");
  const closed = server?.close({ timeout: 200 });
  stall(250);
  const { payload } = await peer.frame();
  send({ opcode: CLOSE, payload });
  peer.socket.end();
  expect((await closing(connection))[0]).toBe(1001);
  await closed;
});

/** Keeps the event loop busy. */
function stall(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}
