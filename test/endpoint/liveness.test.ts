import { describe, expect, test } from "vitest";
import { Liveness } from "../../src/endpoint/liveness.ts";

const SETTINGS = { pingInterval: 1000, pingTimeout: 400, idleTimeout: 0 };
const QUIET = { left: 0, isBacklogged: false, isDeaf: false };
const DEAF = { ...QUIET, isDeaf: true };

/** The liveness of an endpoint that has just pinged, at 1000. */
function pinged(): Liveness {
  const liveness = new Liveness(0);
  expect(liveness.judge(1000, QUIET, SETTINGS)).toBe("ping");
  liveness.nextPing(1000);
  return liveness;
}

test("a ping is due one pingInterval after the connection began, and after each ping that was answered", () => {
  const liveness = new Liveness(500);
  expect(liveness.judge(1499, QUIET, SETTINGS)).toBe("wait");
  expect(liveness.judge(1500, QUIET, SETTINGS)).toBe("ping");
  liveness.nextPing(1500);
  liveness.receivedAt = 1500;
  expect(liveness.judge(2499, QUIET, SETTINGS)).toBe("wait");
  expect(liveness.judge(2500, QUIET, SETTINGS)).toBe("ping");
});

test("a peer from which nothing has come for pingTimeout after a ping is dead", () => {
  const liveness = pinged();
  expect(liveness.judge(1399, QUIET, SETTINGS)).toBe("wait");
  expect(liveness.judge(1400, QUIET, SETTINGS)).toBe("dead");
});

test("a peer is not dead while our reading has stopped, since nobody would see its answer", () => {
  const liveness = pinged();
  expect(liveness.judge(1400, DEAF, SETTINGS)).toBe("wait");
  expect(liveness.judge(1500, QUIET, SETTINGS)).toBe("wait");
});

test("a peer that takes some of a backlog is alive, although it has answered no ping", () => {
  const liveness = pinged();
  const backlog = (left: number) => ({ ...QUIET, left, isBacklogged: true });
  expect(liveness.judge(1100, backlog(0), SETTINGS)).toBe("wait");
  expect(liveness.judge(1500, backlog(100), SETTINGS)).toBe("wait");
  expect(liveness.judge(1600, backlog(200), SETTINGS)).toBe("wait");
});

test("a peer that takes nothing of a backlog is dead one second after it was first seen, and pingTimeout", () => {
  const liveness = pinged();
  const backlog = { ...QUIET, left: 0, isBacklogged: true };
  expect(liveness.judge(1100, backlog, SETTINGS)).toBe("wait");
  expect(liveness.judge(2499, backlog, SETTINGS)).toBe("wait");
  expect(liveness.judge(2500, backlog, SETTINGS)).toBe("dead");
});

describe("idleTimeout", () => {
  const settings = { pingInterval: 0, pingTimeout: 400, idleTimeout: 1000 };

  test("a connection without a message for idleTimeout is idle", () => {
    const liveness = new Liveness(0);
    liveness.messageAt = 100;
    expect(liveness.judge(1099, QUIET, settings)).toBe("wait");
    expect(liveness.judge(1100, QUIET, settings)).toBe("idle");
  });

  test("a connection whose application holds messages back is not idle", () => {
    const liveness = new Liveness(0);
    expect(liveness.judge(1000, DEAF, settings)).toBe("wait");
    expect(liveness.judge(1999, QUIET, settings)).toBe("wait");
    expect(liveness.judge(2000, QUIET, settings)).toBe("idle");
  });

  test("a connection whose peer takes some of a message is not idle", () => {
    const liveness = new Liveness(0);
    expect(liveness.judge(900, { ...QUIET, left: 0, isBacklogged: true }, settings)).toBe("wait");
    expect(liveness.judge(999, { ...QUIET, left: 10, isBacklogged: true }, settings)).toBe("wait");
    expect(liveness.judge(1998, { ...QUIET, left: 10, isBacklogged: true }, settings)).toBe("wait");
    expect(liveness.judge(1999, { ...QUIET, left: 10, isBacklogged: true }, settings)).toBe("idle");
  });
});

test("no second ping is made while the last one has not left this process", () => {
  const liveness = new Liveness(0);
  const first = liveness.nextPing(1000);
  expect(first).toHaveLength(4);
  expect(liveness.nextPing(2000)).toBeNull();
  liveness.onPingSent();
  expect(liveness.nextPing(3000)).toHaveLength(4);
});

test("roundTripTime is null before the first pong that answers a ping, and a number from then on", () => {
  const liveness = new Liveness(0);
  liveness.onPong(Buffer.alloc(4));
  liveness.onPingSent();
  expect(liveness.roundTripTime).toBeNull();
  const ping = liveness.nextPing(1000) as Buffer;
  liveness.onPingSent();
  liveness.onPong(Buffer.from("another"));
  expect(liveness.roundTripTime).toBeNull();
  liveness.onPong(ping);
  expect(liveness.roundTripTime).toBeGreaterThanOrEqual(0);
});
