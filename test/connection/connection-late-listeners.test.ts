import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { LISTENER_WAIT, MESSAGES_DISCARDED } from "../../src/connection/delivery.ts";
import { shortenedReason } from "../../src/framing/index.ts";
import {
  closeFrame,
  closePayload,
  type Opened,
  type OpenOptions,
  open,
  ROLES,
  sentOf,
  text,
  turn,
  uncaughtDuring,
  wire,
} from "../support/connection-harness.ts";
import { CLOSE, PING, PONG } from "../support/frames.ts";
import { runs } from "../support/runs.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A connection without a message listener. */
function openDeaf(options: OpenOptions = {}): Opened {
  return open({ ...options, deaf: ["message"] });
}

function listen({ connection }: Opened): unknown[] {
  const got: unknown[] = [];
  connection.on("message", (data) => got.push(data));
  return got;
}

const numbered = (count: number) => Array.from({ length: count }, (_, i) => text(`message ${i}`));
const expected = (count: number) => Array.from({ length: count }, (_, i) => `message ${i}`);

test("messages that come before there is a listener wait for it, and are emitted in their order in a later tick", async () => {
  const opened = openDeaf();
  opened.receive(...numbered(3));
  await turn();
  const got = listen(opened);
  opened.receive(text("behind"));
  expect(got).toEqual([]);
  await turn();
  expect(got).toEqual([...expected(3), "behind"]);
  opened.receive(text("straight"));
  expect(got.at(-1)).toBe("straight");
});

test.each(["once", "prependListener", "prependOnceListener", "addListener"] as const)(
  "messages that wait are emitted to a listener that is attached by %s",
  async (method) => {
    const opened = openDeaf();
    opened.receive(text("first"), text("second"));
    const got: unknown[] = [];
    const add = opened.connection[method] as (event: "message", listener: (data: unknown) => void) => unknown;
    add.call(opened.connection, "message", (data) => void got.push(data));
    await turn();
    const all = method === "once" || method === "prependOnceListener" ? ["first"] : ["first", "second"];
    expect(got).toEqual(all);
    const rest = listen(opened);
    await turn();
    expect([...all, ...rest]).toEqual(["first", "second"]);
  },
);

test("RFC 6455 section 5.5.2: pings are answered while messages wait for a listener", () => {
  const opened = openDeaf();
  opened.receive(text("waits"), { opcode: PING, payload: "p" });
  expect(sentOf(opened, PONG)).toEqual([Buffer.from("p")]);
});

test("RFC 6455 section 5.5.1: a Close frame is answered while messages wait, and 'close' does not wait for a listener", async () => {
  const opened = openDeaf();
  opened.receive(text("waits"), closeFrame(1000));
  expect(sentOf(opened, CLOSE)).toHaveLength(1);
  opened.transport.peerEnd();
  await turn();
  expect(opened.events).toEqual([["close", 1000, "", null]]);
  const got = listen(opened);
  await turn();
  expect(got).toEqual(["waits"]);
});

describe("RFC 6455 section 10.4: past maxQueuedAmount", () => {
  test("past maxQueuedAmount the transport is paused in the middle of a chunk, nothing is lost, and reading goes on", async () => {
    const opened = openDeaf({ maxQueuedAmount: 1000 });
    opened.receive(...numbered(100), { opcode: PING, payload: "behind" });
    expect(opened.transport.calls).toEqual(["pause"]);
    expect(sentOf(opened, PONG)).toEqual([]);
    opened.receive(text("held by the transport"));
    const got = listen(opened);
    await turn();
    expect(got).toEqual([...expected(100), "held by the transport"]);
    expect(sentOf(opened, PONG)).toEqual([Buffer.from("behind")]);
    expect(opened.transport.calls).toEqual(["pause", "resume"]);
  });

  test("a chunk that comes although the transport was asked to pause is kept, in its order", async () => {
    const opened = openDeaf({ maxQueuedAmount: 100 });
    opened.receive(...numbered(10));
    opened.transport.deliverAnyway(wire("server", text("one more")));
    opened.transport.deliverAnyway(wire("server", text("and another")));
    const got = listen(opened);
    await turn();
    expect(got).toEqual([...expected(10), "one more", "and another"]);
  });

  test.each(ROLES)(
    "as %s: a Close frame in a chunk that comes after the pause is answered in its turn",
    async (role) => {
      const opened = openDeaf({ role, maxQueuedAmount: 100 });
      opened.receive(...numbered(2));
      expect(opened.transport.calls).toEqual(["pause"]);
      opened.transport.deliverAnyway(wire(role, text("one more"), text("still held")));
      opened.transport.deliverAnyway(wire(role, closeFrame(4000), text("behind")));
      opened.transport.peerEnd();
      await turn();
      expect(opened.transport.calls).toEqual(["pause"]);
      expect(opened.connection.readyState).toBe(1);
      const got = listen(opened);
      await turn();
      expect(got).toEqual([...expected(2), "one more", "still held"]);
      expect(opened.events).toEqual([["close", 4000, "", null]]);
    },
  );

  test.each(ROLES)(
    "as %s: a Close frame past maxQueuedAmount is answered one second later if nobody listens by then",
    async (role) => {
      const opened = openDeaf({ role, maxQueuedAmount: 100 });
      opened.receive(...numbered(2), ...numbered(5), closeFrame(4000));
      opened.transport.peerEnd();
      vi.advanceTimersByTime(LISTENER_WAIT - 1);
      await turn();
      expect(opened.events).toEqual([]);
      vi.advanceTimersByTime(1);
      await turn();
      expect(opened.events).toEqual([["close", 4000, "", null]]);
    },
  );

  test("the connection fails with 1011 if somebody listens after messages were discarded", async () => {
    const opened = openDeaf({ maxQueuedAmount: 100 });
    opened.receive(...numbered(5));
    vi.advanceTimersByTime(LISTENER_WAIT);
    await turn();
    opened.receive(text("later"));
    expect(opened.connection.readyState).toBe(1);
    const got = listen(opened);
    await turn();
    expect(got).toEqual(expected(2));
    const error = expect.objectContaining({ code: "MESSAGES_DISCARDED", closeCode: 1011 });
    expect(opened.events).toEqual([["error", error]]);
    expect(sentOf(opened, CLOSE)).toEqual([closePayload(1011, shortenedReason(MESSAGES_DISCARDED.message))]);
  });

  test("a loop that begins after messages were discarded throws behind those that were kept", async () => {
    const opened = openDeaf({ maxQueuedAmount: 100 });
    opened.receive(...numbered(5), closeFrame(1000));
    vi.advanceTimersByTime(LISTENER_WAIT);
    opened.transport.peerEnd();
    await turn();
    const loop = opened.connection[Symbol.asyncIterator]();
    for (const message of expected(2)) expect((await loop.next()).value).toBe(message);
    await expect(loop.next()).rejects.toMatchObject({ code: "MESSAGES_DISCARDED" });
  });

  test("pause() keeps messages and the end back for longer than the second that a missing listener has", async () => {
    const opened = openDeaf({ maxQueuedAmount: 100 });
    opened.connection.pause();
    opened.receive(...numbered(5), closeFrame(4000));
    vi.advanceTimersByTime(100 * LISTENER_WAIT);
    expect(opened.connection.readyState).toBe(1);
    const got = listen(opened);
    opened.connection.resume();
    await turn();
    expect(got).toEqual(expected(5));
    expect(sentOf(opened, CLOSE)).toHaveLength(1);
  });

  test("empty messages count towards maxQueuedAmount, so a flood of them stops the reading", () => {
    const opened = openDeaf({ maxQueuedAmount: 1000 });
    for (let i = 0; i < 15; i++) opened.receive(text(""));
    expect(opened.transport.paused).toBe(false);
    opened.receive(text(""));
    expect(opened.transport.paused).toBe(true);
  });

  test("a listener that pauses again and again gets all messages", async () => {
    const opened = openDeaf({ maxQueuedAmount: 300 });
    opened.receive(...numbered(50));
    const got: unknown[] = [];
    opened.connection.on("message", (data) => {
      got.push(data);
      opened.connection.pause();
      setImmediate(() => opened.connection.resume());
    });
    while (got.length < 50) await turn();
    expect(got).toEqual(expected(50));
    expect(opened.transport.paused).toBe(false);
  });

  test("bytes that were unread when the transport closed are not lost", async () => {
    const opened = open({ maxQueuedAmount: 200 });
    opened.connection.pause();
    opened.receive(...numbered(20));
    opened.transport.close();
    await turn();
    expect(opened.events).toEqual([]);
    opened.connection.resume();
    await turn();
    expect(opened.of("message").flat()).toEqual(expected(20));
    expect(opened.events.at(-1)).toEqual(["close", 1006, "", expect.objectContaining({ code: "CUT_OFF" })]);
  });

  test("a ping that was unread when the transport closed is not answered, and a broken rule in it is reported", async () => {
    const opened = open({ maxQueuedAmount: 200 });
    opened.connection.pause();
    opened.receive(...numbered(5), { opcode: PING, payload: "p" }, { opcode: 7 }, text("behind"));
    opened.transport.close();
    opened.connection.resume();
    await turn();
    expect(opened.of("message").flat()).toEqual(expected(5));
    expect(opened.of("error")).toEqual([[expect.objectContaining({ code: "RESERVED_OPCODE" })]]);
    expect(opened.of("close")).toHaveLength(1);
    expect(opened.connection.bufferedAmount).toBe(0);
  });

  test.each([
    ["off()", (opened: Opened, listener: () => void) => opened.connection.off("message", listener)],
    ["removeAllListeners('message')", (opened: Opened) => opened.connection.removeAllListeners("message")],
  ])("'close' no longer waits for a paused listener that was detached by %s", async (_, leave) => {
    const opened = openDeaf();
    const listener = vi.fn();
    opened.connection.on("message", listener).pause();
    opened.receive(text("one"), closeFrame(4001));
    opened.transport.close();
    await turn();
    expect(opened.of("close")).toEqual([]);
    leave(opened, listener);
    opened.connection.on("message", listener);
    await turn();
    expect(opened.of("close")).toEqual([]);
    leave(opened, listener);
    await turn();
    expect(opened.of("close")).toEqual([[4001, "", null]]);
  });

  test("'close' comes one second after the listener that it waited for was detached, although bytes are still unread", async () => {
    const opened = openDeaf({ maxQueuedAmount: 200 });
    opened.connection.pause();
    opened.connection.once("message", () => {});
    opened.receive(...numbered(20));
    opened.transport.close();
    opened.connection.resume();
    await turn();
    expect(opened.of("close")).toHaveLength(0);
    vi.advanceTimersByTime(LISTENER_WAIT);
    await turn();
    expect(opened.of("close")).toHaveLength(1);
  });

  test("'close' comes one second after the listener that it waited for was detached, also if the peer has ended", async () => {
    const opened = openDeaf({ maxQueuedAmount: 200 });
    opened.receive(...numbered(20), closeFrame(1000));
    opened.transport.peerEnd();
    await turn();
    expect(opened.connection.readyState).toBe(1);
    const got = listen(opened);
    await turn();
    expect(got).toEqual(expected(20));
    expect(opened.events).toEqual([["close", 1000, "", null]]);
  });
});

describe("pause() and resume()", () => {
  test("pause() holds messages back, and resume() lets them come again in a later tick", async () => {
    const opened = open();
    opened.connection.pause();
    expect(opened.connection.isPaused).toBe(true);
    opened.receive(...numbered(3), { opcode: PING, payload: "p" });
    expect(opened.of("message")).toEqual([]);
    expect(opened.of("ping")).toHaveLength(1);
    expect(sentOf(opened, PONG)).toHaveLength(1);
    expect(opened.transport.paused).toBe(false);
    opened.connection.resume();
    expect(opened.connection.isPaused).toBe(false);
    expect(opened.of("message")).toEqual([]);
    await turn();
    expect(opened.of("message").flat()).toEqual(expected(3));
  });

  test("pause() in a message listener holds back the rest of the chunk", async () => {
    const opened = open();
    opened.connection.once("message", () => opened.connection.pause());
    opened.receive(...numbered(3));
    await turn();
    expect(opened.of("message").flat()).toEqual(["message 0"]);
    opened.connection.resume();
    await turn();
    expect(opened.of("message").flat()).toEqual(expected(3));
  });

  test("a new listener does not undo pause()", async () => {
    const opened = openDeaf();
    opened.connection.pause();
    opened.receive(text("waits"));
    const got = listen(opened);
    await turn();
    expect(got).toEqual([]);
  });

  test("'close' waits for the messages of a listener that has paused", async () => {
    const opened = open();
    opened.connection.pause();
    opened.receive(...numbered(3), closeFrame(1000, "bye"));
    opened.transport.peerEnd();
    await turn();
    expect(opened.connection.readyState).toBe(3);
    expect(opened.events).toEqual([]);
    opened.connection.resume();
    await turn();
    expect(opened.events).toEqual([...expected(3).map((data) => ["message", data]), ["close", 1000, "bye", null]]);
  });

  test("'close' comes when the listener that it waited for was detached", async () => {
    const opened = openDeaf();
    opened.connection.pause();
    const got: unknown[] = [];
    opened.connection.once("message", (data) => got.push(data));
    opened.receive(...numbered(3), closeFrame(1000));
    opened.transport.peerEnd();
    await turn();
    opened.connection.resume();
    await turn();
    expect(got).toEqual(["message 0"]);
    expect(opened.events).toEqual([["close", 1000, "", null]]);
  });

  test("'close' is emitted once", async () => {
    const opened = open();
    opened.connection.pause();
    opened.receive(text("a"), closeFrame(1000));
    opened.transport.peerEnd();
    await turn();
    for (let i = 0; i < 3; i++) {
      opened.connection.resume();
      await turn();
    }
    expect(opened.of("close")).toHaveLength(1);
  });
});

test("a listener that throws at a message that waited breaks nothing, and its exception is uncaught", async () => {
  const opened = openDeaf({ maxQueuedAmount: 100 });
  opened.receive(...numbered(10));
  const got: unknown[] = [];
  const error = new Error("from a late listener");
  const uncaught = await uncaughtDuring(() => {
    opened.connection.on("message", (data) => {
      got.push(data);
      if (data === "message 1") throw error;
    });
  });
  expect(uncaught).toEqual([error]);
  expect(got).toEqual(expected(10));
  expect(opened.connection.readyState).toBe(1);
});

test("however chunks, pauses, listeners and loops follow each other, every message comes once and in its order", async () => {
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant("receive" as const), count: fc.integer({ min: 1, max: 12 }) }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("take" as const), count: fc.integer({ min: 1, max: 9 }) }) },
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constantFrom("pause" as const, "resume" as const, "on" as const, "off" as const, "turn" as const),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("close" as const, "cut" as const) }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(1, 150, 400, 100_000), fc.array(step, { maxLength: 40 }), async (bound, steps) => {
      const opened = openDeaf({ maxQueuedAmount: bound });
      const { connection, transport } = opened;
      const got: unknown[] = [];
      const listener = (data: unknown) => void got.push(data);
      let count = 0;
      let ended = false;
      for (const each of steps) {
        if (each.kind === "receive" && !ended) {
          const frames = Array.from({ length: each.count }, () => text(`message ${count++}`));
          opened.receive(...frames);
        } else if (each.kind === "take" && connection.listenerCount("message") === 0) {
          const iterator = connection[Symbol.asyncIterator]();
          const results = Promise.allSettled(Array.from({ length: each.count }, () => iterator.next()));
          await turn();
          await iterator.return?.();
          for (const result of await results) {
            if (result.status === "fulfilled" && result.value.done !== true) got.push(result.value.value);
          }
        } else if (each.kind === "pause" || each.kind === "resume") {
          connection[each.kind]();
        } else if (each.kind === "on") {
          if (connection.listenerCount("message") === 0) connection.on("message", listener);
        } else if (each.kind === "off") {
          connection.off("message", listener);
        } else if (each.kind === "turn") {
          await turn();
        } else if (each.kind === "close" && !ended) {
          ended = true;
          opened.receive(closeFrame(1000), text("behind the Close frame"));
          transport.peerEnd();
        } else if (each.kind === "cut" && !ended && !transport.holdsBack) {
          ended = true;
          transport.close();
        }
      }
      connection.off("message", listener);
      connection.on("message", listener);
      connection.resume();
      await turn();
      await turn();
      expect(got).toEqual(expected(count));
      expect(opened.of("close")).toHaveLength(ended ? 1 : 0);
      if (!ended) expect(transport.paused).toBe(false);
      transport.close();
    }),
    { numRuns: runs(2) },
  );
});
