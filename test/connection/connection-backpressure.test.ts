import { describe, expect, test } from "vitest";
import { closeFrame, open, ROLES, sent, sentMessages, sentOf, text, turn } from "../support/connection-harness.ts";
import { BINARY, CLOSE, PING, PONG, TEXT } from "../support/frames.ts";

/** A connection whose transport is stuck with one small message. */
async function stuck(options: Parameters<typeof open>[0] = {}) {
  const opened = open(options);
  opened.transport.stick();
  opened.connection.send("stuck");
  await turn();
  return opened;
}

describe.each(ROLES)("as %s", (role) => {
  test("send() is false from highWaterMark on, and 'drain' comes once when everything has left", async () => {
    const opened = await stuck({ role, highWaterMark: 100 });
    const { connection, transport } = opened;
    expect(connection.send("x".repeat(50))).toBe(true);
    for (let i = 0; i < 10; i++) expect(connection.send("x".repeat(50))).toBe(false);
    await turn();
    expect(opened.of("drain")).toHaveLength(0);
    transport.drain();
    expect(connection.bufferedAmount).toBe(0);
    await turn();
    expect(opened.of("drain")).toHaveLength(1);
    connection.send("more");
    await turn();
    expect(opened.of("drain")).toHaveLength(1);
    expect(sentMessages(opened)).toEqual(["stuck", ...Array(11).fill("x".repeat(50)), "more"]);
  });

  test("bufferedAmount counts every byte with its header, in our memory and in the transport", async () => {
    const opened = await stuck({ role });
    const { connection } = opened;
    const overhead = role === "client" ? 6 : 2;
    expect(connection.bufferedAmount).toBe(5 + overhead);
    connection.send("ü");
    expect(connection.bufferedAmount).toBe(5 + 2 + 2 * overhead);
    connection.send(Buffer.alloc(20_000));
    expect(connection.bufferedAmount).toBe(20_007 + 3 * overhead + 2);
    opened.transport.drain();
    expect(connection.bufferedAmount).toBe(0);
    expect(opened.transport.bytes.length).toBe(20_007 + 3 * overhead + 2);
  });
});

test("'drain' follows a false although the transport was not stuck at all", async () => {
  const opened = open({ highWaterMark: 10 });
  expect(opened.connection.send("x".repeat(20))).toBe(false);
  await turn();
  expect(opened.of("drain")).toHaveLength(1);
});

test("a 'drain' listener that fills the buffer again gets another 'drain'", async () => {
  const opened = open({ highWaterMark: 10 });
  let rounds = 0;
  opened.connection.on("drain", () => {
    if (++rounds < 5) opened.connection.send("x".repeat(20));
  });
  opened.connection.send("x".repeat(20));
  await turn();
  expect(opened.of("drain")).toHaveLength(5);
  expect(sentMessages(opened)).toHaveLength(5);
});

test("nothing is written to a transport while it is stuck", async () => {
  const { connection, transport } = await stuck();
  for (let i = 0; i < 100; i++) {
    connection.send(Buffer.alloc(10_000));
    await turn();
  }
  expect(transport.writes).toHaveLength(1);
  expect(connection.bufferedAmount).toBe(7 + 100 * 10_004);
});

test("bytes that wait in a stuck connection are not overwritten by other connections that share the memory", async () => {
  const slow = await stuck();
  const fast = open();
  slow.connection.send("a".repeat(1000));
  for (let i = 0; i < 200; i++) {
    fast.connection.send("b".repeat(1000));
    if (i % 10 === 0) await turn();
  }
  slow.transport.drain();
  expect(sentMessages(slow)).toEqual(["stuck", "a".repeat(1000)]);
});

describe("RFC 6455 section 10.4: past maxBufferedAmount", () => {
  test('RFC 6455 section 10.4: a message past maxBufferedAmount ends the connection with UNSENT_LIMIT if overflow is "close"', async () => {
    const opened = await stuck({ maxBufferedAmount: 1000 });
    expect(opened.connection.send("x".repeat(900))).toBe(true);
    expect(opened.connection.send("x".repeat(100))).toBe(false);
    expect(opened.transport.destroyed).toBe(true);
    expect(opened.connection.send("late")).toBe(false);
    await turn();
    const limit = expect.objectContaining({ code: "UNSENT_LIMIT", section: "RFC 6455 section 10.4", closeCode: 1006 });
    expect(opened.events).toEqual([
      ["error", limit],
      ["close", 1006, "", limit],
    ]);
    expect(opened.transport.writes).toHaveLength(1);
  });

  test("an 'error' listener that sends again past maxBufferedAmount causes no endless loop", async () => {
    const opened = await stuck({ maxBufferedAmount: 100 });
    opened.connection.on("error", () => opened.connection.send("x".repeat(1000)));
    opened.connection.send("x".repeat(1000));
    await turn();
    expect(opened.of("error")).toHaveLength(1);
  });

  test("a message past maxBufferedAmount is dropped and reported if overflow is \"drop\", and 'drain' follows", async () => {
    const opened = await stuck({ maxBufferedAmount: 1000, overflow: "drop" });
    expect(opened.connection.send("x".repeat(900))).toBe(true);
    const dropped = Buffer.alloc(200);
    expect(opened.connection.send(dropped)).toBe(false);
    expect(opened.connection.send("ü".repeat(50))).toBe(false);
    expect(opened.of("drop")).toEqual([[dropped], ["ü".repeat(50)]]);
    expect(opened.of("drop")[0]?.[0]).toBe(dropped);
    expect(opened.connection.send("fits")).toBe(true);
    opened.transport.drain();
    await turn();
    expect(opened.of("drain")).toHaveLength(1);
    expect(opened.connection.readyState).toBe(1);
    expect(sentMessages(opened)).toEqual(["stuck", "x".repeat(900), "fits"]);
  });

  test("a message is accepted past maxBufferedAmount if nothing else waits", async () => {
    const opened = open({ maxBufferedAmount: 10, highWaterMark: 10_000_000 });
    opened.transport.stick();
    expect(opened.connection.send(Buffer.alloc(1_000_000))).toBe(true);
    await turn();
    opened.transport.drain();
    await turn();
    expect(sentOf(opened, BINARY).map((payload) => payload.equals(Buffer.alloc(1_000_000)))).toEqual([true]);
    expect(opened.connection.readyState).toBe(1);
  });

  test("bytes that only wait for the end of the tick do not count towards maxBufferedAmount if the transport takes them", async () => {
    const opened = open({ maxBufferedAmount: 100, highWaterMark: 10_000 });
    for (let i = 0; i < 100; i++) expect(opened.connection.send("x".repeat(50))).toBe(true);
    await turn();
    expect(opened.connection.readyState).toBe(1);
    expect(sentMessages(opened)).toHaveLength(100);
  });
});

describe.each(["close", "drop"] as const)('ping() and pong() while much waits, with overflow "%s"', (overflow) => {
  test.each(["ping", "pong"] as const)(
    "a %s() that would exceed maxBufferedAmount is dropped, and the connection lives",
    async (name) => {
      const opened = await stuck({ maxBufferedAmount: 1000, highWaterMark: 500, overflow });
      const results = Array.from({ length: 1000 }, () => opened.connection[name]("payload"));
      expect(opened.connection.bufferedAmount).toBeLessThanOrEqual(1000);
      expect(opened.connection.bufferedAmount).toBeGreaterThan(980);
      expect([results[0], results.at(-1)]).toEqual([true, false]);
      // Nothing was lost that the application has to know of, and the connection goes on.
      expect(opened.events).toEqual([]);
      opened.transport.drain();
      await turn();
      expect(opened.of("drain")).toHaveLength(1);
      expect(opened.connection[name]("again")).toBe(true);
      await turn();
      expect(
        sentOf(opened, name === "ping" ? PING : PONG)
          .at(-1)
          ?.toString(),
      ).toBe("again");
    },
  );

  test("a ping behind a message that alone is longer than maxBufferedAmount does not end the connection", async () => {
    const opened = open({ maxBufferedAmount: 1000, overflow });
    opened.transport.stick();
    opened.connection.send(Buffer.alloc(1_000_000));
    expect(opened.connection.ping()).toBe(false);
    expect(opened.connection.readyState).toBe(1);
    opened.transport.drain();
    await turn();
    expect([opened.of("drain").length, sentOf(opened, PING).length]).toEqual([1, 0]);
  });

  test("pings that only wait for the end of the tick do not count, when the transport takes them", async () => {
    const opened = open({ maxBufferedAmount: 100, overflow });
    const results = Array.from({ length: 100 }, () => opened.connection.ping("payload"));
    expect(new Set(results)).toEqual(new Set([true]));
    await turn();
    expect(sentOf(opened, PING)).toHaveLength(100);
  });
});

test.each(["ping", "pong"] as const)("%s() returns false once the connection closes", async (name) => {
  const opened = open();
  opened.connection.close();
  expect(opened.connection[name]()).toBe(false);
  opened.transport.close();
  expect(opened.connection[name]()).toBe(false);
});

describe("answers to pings while the transport is stuck", () => {
  test("RFC 6455 section 5.5.3: a flood of pings while the transport is stuck takes no memory, and only the latest is answered", async () => {
    const opened = await stuck();
    const before = opened.connection.bufferedAmount;
    for (let i = 0; i < 100; i++) {
      opened.receive(...Array.from({ length: 50 }, (_, j) => ({ opcode: PING, payload: `${i} ${j}` })));
    }
    expect(opened.connection.bufferedAmount).toBe(before);
    expect(opened.of("ping")).toHaveLength(5000);
    opened.transport.drain();
    expect(sentOf(opened, PONG).map(String)).toEqual(["99 49"]);
    opened.receive({ opcode: PING, payload: "next" });
    expect(sentOf(opened, PONG).map(String)).toEqual(["99 49", "next"]);
  });

  test("RFC 6455 section 5.5.2: no answer to a ping leaves behind our answer to a Close frame", async () => {
    const opened = await stuck();
    opened.receive({ opcode: PING, payload: "p" }, closeFrame(1000));
    opened.transport.drain();
    expect(sent(opened).map(({ opcode }) => opcode)).toEqual([TEXT, PONG, CLOSE]);
    expect(opened.transport.ended).toBe(true);
  });
});

test("messages sent before close() leave before the Close frame, however long they wait", async () => {
  const opened = await stuck();
  opened.connection.send("waits");
  opened.connection.close(1000);
  await turn();
  expect(opened.transport.writes).toHaveLength(1);
  opened.transport.drain();
  expect(sent(opened).map(({ opcode }) => opcode)).toEqual([TEXT, TEXT, CLOSE]);
});

test("a stuck connection does not delay another one", async () => {
  const slow = await stuck();
  const fast = open();
  fast.connection.on("message", (data) => {
    slow.connection.send(data);
    fast.connection.send(data);
  });
  fast.receive(text("a"), text("b"));
  expect(sentMessages(fast)).toEqual(["a", "b"]);
  expect(sentMessages(slow)).toEqual(["stuck"]);
});
