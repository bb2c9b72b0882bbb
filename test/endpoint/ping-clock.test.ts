import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { PingClock } from "../../src/endpoint/ping-clock.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
  vi.advanceTimersByTime(1);
});
afterEach(() => {
  vi.useRealTimers();
});

test("RFC 6455 section 5.5.3: the pong with the ping's payload gives the round-trip time", () => {
  const clock = new PingClock();
  expect(clock.roundTripTime).toBeNull();
  const payload = clock.next();
  vi.advanceTimersByTime(12);
  clock.onPong(payload);
  expect(clock.roundTripTime).toBeCloseTo(12);
});

test("a ping that waits behind other bytes is measured from when it leaves", () => {
  const clock = new PingClock();
  const payload = clock.next();
  expect(clock.isWaiting).toBe(true);
  vi.advanceTimersByTime(5000);
  clock.onLeft();
  expect(clock.isWaiting).toBe(false);
  vi.advanceTimersByTime(12);
  clock.onLeft();
  clock.onPong(payload);
  expect(clock.roundTripTime).toBeCloseTo(12);
  clock.onLeft();
  expect(clock.isWaiting).toBe(false);
});

test("a pong that is read before the transport reports that its ping has left is counted", () => {
  const clock = new PingClock();
  const payload = clock.next();
  vi.advanceTimersByTime(3);
  clock.onPong(payload);
  clock.onLeft();
  expect(clock.roundTripTime).toBeCloseTo(3);
});

test("each keep-alive ping has a payload of its own", () => {
  const clock = new PingClock();
  const payloads = Array.from({ length: 1000 }, () => clock.next().toString("hex"));
  expect(new Set(payloads).size).toBe(1000);
});

test("RFC 6455 section 5.5.3: pongs that answer no ping, or an earlier one, or again, change nothing", () => {
  const clock = new PingClock();
  clock.onPong(Buffer.alloc(4));
  const first = clock.next();
  vi.advanceTimersByTime(5);
  const second = clock.next();
  vi.advanceTimersByTime(7);
  for (const payload of [first, Buffer.alloc(0), Buffer.alloc(3), Buffer.alloc(125), Buffer.from("0000")]) {
    clock.onPong(payload);
    expect(clock.roundTripTime).toBeNull();
  }
  clock.onPong(second);
  expect(clock.roundTripTime).toBeCloseTo(7);
  vi.advanceTimersByTime(100);
  clock.onPong(second);
  expect(clock.roundTripTime).toBeCloseTo(7);
});
