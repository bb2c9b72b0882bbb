import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  closePayload,
  type OpenOptions,
  open,
  ROLES,
  sentOf,
  sharedWith,
  text,
  turn,
  wire,
} from "../support/connection-harness.ts";
import { CLOSE, PING, PONG } from "../support/frames.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

// A sweep each 100 ms.
const settings: OpenOptions = { pingInterval: 1000, pingTimeout: 400 };

async function pass(milliseconds: number): Promise<void> {
  vi.advanceTimersByTime(milliseconds);
  await turn();
}

describe.each(ROLES)("as %s", (role) => {
  test("RFC 6455 section 5.5.2: pings go out each pingInterval, each with a payload of its own", async () => {
    const opened = open({ ...settings, role });
    await pass(900);
    expect(sentOf(opened, PING)).toHaveLength(0);
    for (let count = 1; count <= 5; count++) {
      await pass(count === 1 ? 100 : 1000);
      const pings = sentOf(opened, PING);
      expect(pings).toHaveLength(count);
      opened.receive({ opcode: PONG, payload: pings.at(-1) });
    }
    expect(new Set(sentOf(opened, PING).map((payload) => payload.toString("hex"))).size).toBe(5);
    expect(opened.connection.readyState).toBe(1);
  });

  test("RFC 6455 section 5.5.2: a peer that answers nothing within pingTimeout is dead", async () => {
    const opened = open({ ...settings, role });
    await pass(1000);
    await pass(300);
    expect(opened.transport.destroyed).toBe(false);
    await pass(100);
    expect(opened.transport.destroyed).toBe(true);
    const dead = expect.objectContaining({ code: "PEER_DEAD", section: "RFC 6455 section 5.5.2", closeCode: 1006 });
    expect(opened.events).toEqual([
      ["error", dead],
      ["close", 1006, "", dead],
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("a peer that sends a long frame byte by byte is alive, since any byte is a sign of life", async () => {
    const opened = open({ ...settings, role });
    const bytes = wire(role, text("x".repeat(100)));
    for (const byte of bytes) {
      opened.transport.deliver(Buffer.from([byte]));
      await pass(200);
    }
    expect(opened.of("message")).toEqual([["x".repeat(100)]]);
    expect(opened.connection.readyState).toBe(1);
  });
});

test("roundTripTime is that of the last ping that was answered", async () => {
  const opened = open(settings);
  expect(opened.connection.roundTripTime).toBeNull();
  await pass(1000);
  expect(opened.connection.roundTripTime).toBeNull();
  vi.advanceTimersByTime(37);
  opened.receive({ opcode: PONG, payload: sentOf(opened, PING).at(-1) });
  expect(opened.connection.roundTripTime).toBeCloseTo(37);
  await pass(1000);
  vi.advanceTimersByTime(5);
  opened.receive({ opcode: PONG, payload: "something else" });
  expect(opened.connection.roundTripTime).toBeCloseTo(37);
});

test("a connection that has stopped reading cannot know whether the peer lives, and goes on pinging", async () => {
  const opened = open({ ...settings, maxQueuedAmount: 100 });
  opened.connection.pause();
  opened.receive(text("x".repeat(100)));
  expect(opened.transport.paused).toBe(true);
  for (let i = 0; i < 50; i++) await pass(100);
  expect(opened.connection.readyState).toBe(1);
  expect(sentOf(opened, PING)).toHaveLength(5);
  opened.connection.resume();
  await turn();
  expect(opened.transport.paused).toBe(false);
  for (let i = 0; i < 15; i++) await pass(100);
  expect(opened.transport.destroyed).toBe(true);
});

test("a connection that has stopped reading until the peer takes what was sent finds a peer dead that takes nothing", async () => {
  const opened = open({ ...settings, maxQueuedAmount: 100 });
  opened.connection.pause();
  opened.transport.stick();
  opened.connection.send(Buffer.alloc(100_000));
  opened.receive(text("x".repeat(100)));
  expect(opened.transport.paused).toBe(true);
  for (let i = 0; i < 15; i++) await pass(100);
  expect(opened.transport.destroyed).toBe(true);
});

test("a connection that has stopped reading until the peer takes what was sent finds a peer alive that takes some of it", async () => {
  const opened = open({ ...settings, maxQueuedAmount: 100 });
  opened.connection.pause();
  opened.transport.stick();
  opened.connection.send(Buffer.alloc(1_000_000));
  opened.receive(text("x".repeat(100)));
  for (let i = 0; i < 50; i++) {
    opened.transport.take(2000);
    await pass(100);
  }
  expect(opened.connection.readyState).toBe(1);
});

test("a peer that has just begun to take a backlog is alive for a second in which its system takes nothing more", async () => {
  const opened = open({ pingInterval: 200, pingTimeout: 200 });
  opened.transport.stick();
  opened.connection.send(Buffer.alloc(100_000));
  await pass(50);
  for (let i = 0; i < 18; i++) await pass(50);
  expect(opened.connection.readyState).toBe(1);
  opened.transport.take(50_000);
  for (let i = 0; i < 18; i++) await pass(50);
  expect(opened.connection.readyState).toBe(1);
  for (let i = 0; i < 10; i++) await pass(50);
  expect(opened.transport.destroyed).toBe(true);
});

test("a pause() below maxQueuedAmount does not stop the reading, so a silent peer is still found dead", async () => {
  const opened = open(settings);
  opened.connection.pause();
  await pass(1000);
  await pass(400);
  expect(opened.transport.destroyed).toBe(true);
});

describe.each(ROLES)("while much waits to be sent, as %s", (role) => {
  /** A connection whose transport holds 1 MB that the peer has not taken. */
  async function backlogged(options: OpenOptions = {}) {
    const opened = open({ ...settings, role, ...options });
    opened.transport.stick();
    opened.connection.send(Buffer.alloc(1_000_000));
    await turn();
    return opened;
  }

  test("a peer that takes some of a backlog in time is alive, although the ping waits behind it", async () => {
    const opened = await backlogged();
    for (let seconds = 0; seconds < 100; seconds++) {
      for (let sweeps = 0; sweeps < 3; sweeps++) await pass(100);
      opened.transport.take(1);
    }
    expect(opened.connection.readyState).toBe(1);
    expect(opened.of("error")).toEqual([]);
  });

  test("a peer that takes nothing and answers nothing is dead pingTimeout after its first second", async () => {
    const opened = await backlogged();
    // The first sweep sees the backlog.
    for (let sweeps = 0; sweeps < 14; sweeps++) await pass(100);
    expect(opened.connection.readyState).toBe(1);
    await pass(100);
    expect(opened.of("error")).toEqual([[expect.objectContaining({ code: "PEER_DEAD" })]]);
  });

  test("a peer that has taken some of a backlog and then nothing is found dead", async () => {
    const opened = await backlogged();
    for (let sweeps = 0; sweeps < 20; sweeps++) {
      opened.transport.take(100);
      await pass(100);
    }
    // The pauses between its signs of life were shorter than the second that every backlog is given.
    for (let sweeps = 0; sweeps < 13; sweeps++) await pass(100);
    expect(opened.connection.readyState).toBe(1);
    await pass(100);
    expect(opened.of("error")).toEqual([[expect.objectContaining({ code: "PEER_DEAD" })]]);
  });

  test("a peer that took long for a backlog has as long to answer the ping behind it", async () => {
    const opened = await backlogged();
    for (let sweeps = 0; sweeps < 20; sweeps++) {
      opened.transport.take(100);
      await pass(100);
    }
    opened.transport.drain();
    await pass(100);
    expect(sentOf(opened, PING)).toHaveLength(1);
    for (let sweeps = 0; sweeps < 20; sweeps++) await pass(100);
    expect(opened.connection.readyState).toBe(1);
    vi.advanceTimersByTime(30);
    opened.receive({ opcode: PONG, payload: sentOf(opened, PING).at(-1) });
    expect(opened.connection.roundTripTime).toBeCloseTo(2130);
    for (let sweeps = 0; sweeps < 30; sweeps++) await pass(100);
    expect(opened.of("error")).toEqual([[expect.objectContaining({ code: "PEER_DEAD" })]]);
  });

  test("at most one ping waits, although the peer sends all the time", async () => {
    const opened = await backlogged();
    const before = opened.connection.bufferedAmount;
    for (let sweeps = 0; sweeps < 100; sweeps++) {
      opened.receive({ opcode: PONG });
      await pass(100);
    }
    expect(opened.connection.bufferedAmount - before).toBeLessThan(20);
    opened.transport.drain();
    expect(sentOf(opened, PING)).toHaveLength(1);
    opened.receive({ opcode: PONG });
    await pass(1000);
    expect(sentOf(opened, PING)).toHaveLength(2);
  });

  test("roundTripTime counts from when the ping has left", async () => {
    const opened = await backlogged();
    for (let sweeps = 0; sweeps < 20; sweeps++) {
      opened.transport.take(100);
      await pass(100);
    }
    opened.transport.drain();
    vi.advanceTimersByTime(25);
    opened.receive({ opcode: PONG, payload: sentOf(opened, PING).at(-1) });
    expect(opened.connection.roundTripTime).toBeCloseTo(25);
  });

  test("the keep-alive ping is sent although maxBufferedAmount is reached", async () => {
    const opened = await backlogged({ maxBufferedAmount: 1000 });
    await pass(1000);
    expect(opened.connection.bufferedAmount).toBeGreaterThan(1_000_000);
    opened.transport.drain();
    expect(sentOf(opened, PING)).toHaveLength(1);
    expect(opened.connection.readyState).toBe(1);
  });

  test("a connection whose peer still takes a message is not idle, and one whose peer takes nothing is", async () => {
    const opened = await backlogged({ pingInterval: 0, idleTimeout: 1000 });
    for (let sweeps = 0; sweeps < 50; sweeps++) {
      await pass(250);
      opened.transport.take(100);
    }
    await pass(250);
    expect(opened.connection.readyState).toBe(1);
    await pass(750);
    expect(opened.connection.readyState).toBe(1);
    await pass(250);
    expect(opened.connection.readyState).toBe(2);
  });
});

test("RFC 6455 section 7.4.1: idleTimeout closes with 1001 when no message goes either way, although pongs come", async () => {
  const opened = open({ pingInterval: 1000, pingTimeout: 20_000, idleTimeout: 3000 });
  await pass(2000);
  opened.receive(text("a message in"));
  await pass(2000);
  opened.connection.send("a message out");
  for (let i = 0; i < 29; i++) {
    await pass(100);
    opened.receive({ opcode: PONG });
    opened.receive({ opcode: PING });
  }
  expect(opened.connection.readyState).toBe(1);
  await pass(100);
  expect(opened.connection.readyState).toBe(2);
  expect(sentOf(opened, CLOSE)).toEqual([closePayload(1001, "no message for 3000 ms")]);
});

test("no keep-alive ping is sent after a Close frame", async () => {
  const opened = open({ ...settings, closeTimeout: 10_000 });
  opened.connection.close();
  for (let i = 0; i < 50; i++) await pass(100);
  expect(sentOf(opened, PING)).toHaveLength(0);
  expect(opened.of("error")).toEqual([]);
});

test("there is one keep-alive timer for all connections, and none when the last one has closed", async () => {
  const shared = sharedWith(settings);
  expect(vi.getTimerCount()).toBe(0);
  const all = Array.from({ length: 20 }, () => open({ shared }));
  expect(vi.getTimerCount()).toBe(1);
  for (const { transport } of all.slice(1)) transport.close();
  expect(vi.getTimerCount()).toBe(1);
  all[0]?.transport.close();
  expect(vi.getTimerCount()).toBe(0);
});

test("a dead peer does not affect other connections", async () => {
  const shared = sharedWith(settings);
  const [dead, alive] = [open({ shared }), open({ shared })];
  await pass(1000);
  alive.receive({ opcode: PONG });
  await pass(400);
  expect(dead.connection.readyState).toBe(3);
  expect(alive.connection.readyState).toBe(1);
});

test("nothing is sent, no peer is dead and there is no timer if pingInterval is 0", async () => {
  const opened = open({ pingInterval: 0 });
  expect(vi.getTimerCount()).toBe(0);
  await pass(1_000_000);
  expect(opened.transport.writes).toHaveLength(0);
  expect(opened.connection.readyState).toBe(1);
});
