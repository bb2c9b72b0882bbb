import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { judgeKeepAlive, type KeepAliveSettings, sweepPeriod } from "../../src/endpoint/keep-alive.ts";

const settings: KeepAliveSettings = { pingInterval: 100, pingTimeout: 40, idleTimeout: 0 };

describe("pings", () => {
  test.each([
    // [now, receivedAt, pingedAt, verdict]
    [0, 0, 0, "wait"],
    [99, 0, 0, "wait"],
    [100, 0, 0, "ping"],
    [100, 99, 0, "ping"],
    [139, 99, 100, "wait"],
    [140, 99, 100, "dead"],
    [140, 100, 100, "wait"],
    [199, 100, 100, "wait"],
    [200, 100, 100, "ping"],
    [200, 199, 100, "ping"],
  ] as const)(
    "the verdict at %i for bytes received at %i and a ping sent at %i is %s",
    (now, receivedAt, pingedAt, verdict) => {
      expect(judgeKeepAlive(now, { receivedAt, pingedAt, messageAt: 0, readBy: 0 }, settings)).toBe(verdict);
    },
  );

  test("RFC 6455 section 5.5.2: any byte that arrives after a ping is a sign of life", () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.nat(1000), fc.nat(1000), (pingedAt, received, later) => {
        const receivedAt = pingedAt + received;
        const verdict = judgeKeepAlive(receivedAt + later, { receivedAt, pingedAt, messageAt: 0, readBy: 0 }, settings);
        expect(verdict).not.toBe("dead");
      }),
    );
  });

  test.each([
    // [now, readBy, verdict]
    [140, 0, "dead"],
    [140, 101, "wait"],
    [199, 160, "wait"],
    [200, 160, "dead"],
    [140, 90, "dead"],
  ] as const)(
    "the verdict at %i for a ping sent at 100 and a peer that may still be reading until %i is %s",
    (now, readBy, verdict) => {
      expect(judgeKeepAlive(now, { receivedAt: 99, pingedAt: 100, messageAt: 0, readBy }, settings)).toBe(verdict);
    },
  );

  test("no ping is sent and no peer is dead if pingInterval is 0", () => {
    const times = { receivedAt: 0, pingedAt: 1, messageAt: 0, readBy: 0 };
    expect(judgeKeepAlive(1e9, times, { ...settings, pingInterval: 0 })).toBe("wait");
  });
});

describe("idleTimeout", () => {
  const idle: KeepAliveSettings = { ...settings, idleTimeout: 500 };

  test.each([
    [499, 0, "wait"],
    [500, 0, "idle"],
    [999, 500, "wait"],
    [1000, 500, "idle"],
  ] as const)("the verdict at %i for the last message at %i and an idleTimeout is %s", (now, messageAt, verdict) => {
    expect(judgeKeepAlive(now, { receivedAt: now, pingedAt: now, messageAt, readBy: 0 }, idle)).toBe(verdict);
  });

  test("idleTimeout works without pings", () => {
    const times = { receivedAt: 0, pingedAt: 0, messageAt: 0, readBy: 0 };
    expect(judgeKeepAlive(500, times, { ...idle, pingInterval: 0 })).toBe("idle");
  });
});

describe("sweepPeriod", () => {
  test.each([
    [{ pingInterval: 0, pingTimeout: 40, idleTimeout: 0 }, 0],
    [{ pingInterval: 30_000, pingTimeout: 20_000, idleTimeout: 0 }, 1000],
    [{ pingInterval: 400, pingTimeout: 200, idleTimeout: 0 }, 50],
    [{ pingInterval: 400, pingTimeout: 200, idleTimeout: 100 }, 25],
    [{ pingInterval: 0, pingTimeout: 1, idleTimeout: 100 }, 25],
    [{ pingInterval: 1, pingTimeout: 1, idleTimeout: 1 }, 5],
  ])("the sweep period for the limits %j is %i", (given, period) => {
    expect(sweepPeriod(given)).toBe(period);
  });

  test("no limit is overstepped by more than a quarter, from 20 ms on", () => {
    const limit = fc.integer({ min: 20, max: 100_000 });
    fc.assert(
      fc.property(limit, limit, limit, (pingInterval, pingTimeout, idleTimeout) => {
        const period = sweepPeriod({ pingInterval, pingTimeout, idleTimeout });
        expect(period * 4).toBeLessThanOrEqual(Math.min(pingInterval, pingTimeout, idleTimeout));
        expect(period).toBeGreaterThan(0);
      }),
    );
  });
});
