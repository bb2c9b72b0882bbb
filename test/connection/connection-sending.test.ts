import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BinaryData } from "../../src/connection/payload.ts";
import { binary, open, ROLES, sent, sentMessages, sharedWith, text, turn } from "../support/connection-harness.ts";
import { FakeTransport } from "../support/fake-transport.ts";
import { BINARY, decodeFrame, PING, PONG, TEXT } from "../support/frames.ts";
import { runs } from "../support/runs.ts";

describe.each(ROLES)("as %s", (role) => {
  test("RFC 6455 section 5.6: a string goes out as text, bytes as binary", async () => {
    const opened = open({ role });
    opened.connection.send("täxt");
    opened.connection.send(Buffer.from([1, 2]));
    opened.connection.send(new Uint16Array([0x0403]));
    opened.connection.send(new Uint8Array([5]).buffer);
    opened.connection.send("");
    await turn();
    expect(sent(opened)).toEqual([
      { opcode: TEXT, payload: Buffer.from("täxt") },
      { opcode: BINARY, payload: Buffer.from([1, 2]) },
      { opcode: BINARY, payload: Buffer.from([3, 4]) },
      { opcode: BINARY, payload: Buffer.from([5]) },
      { opcode: TEXT, payload: Buffer.alloc(0) },
    ]);
  });

  test("messages that are sent in one tick leave in one write", async () => {
    const opened = open({ role });
    for (let i = 0; i < 100; i++) expect(opened.connection.send(`message ${i}`)).toBe(true);
    opened.connection.ping("in between");
    expect(opened.transport.writes).toHaveLength(0);
    await turn();
    expect(opened.transport.writes).toHaveLength(1);
    expect(sentMessages(opened)).toEqual(Array.from({ length: 100 }, (_, i) => `message ${i}`));
  });

  test("messages that are sent while a chunk is read leave in one write at its end, without another tick", () => {
    const opened = open({ role });
    opened.connection.on("message", (data) => opened.connection.send(data));
    opened.receive(text("a"), text("b"), binary(Buffer.from("c")), { opcode: PING, payload: "d" });
    expect(opened.transport.writes).toHaveLength(1);
    expect(sent(opened).map(({ payload }) => payload.toString())).toEqual(["a", "b", "c", "d"]);
  });

  test("RFC 6455 section 5.1: a client masks, a server does not", async () => {
    const opened = open({ role });
    opened.connection.send("x");
    await turn();
    expect(decodeFrame(opened.transport.bytes)?.masked).toBe(role === "client");
  });

  test("RFC 6455 section 5.5.2: ping and pong carry their payload", async () => {
    const opened = open({ role });
    opened.connection.ping("are you there?");
    opened.connection.ping();
    opened.connection.pong(Buffer.alloc(125, 1));
    opened.connection.pong();
    await turn();
    expect(sent(opened)).toEqual([
      { opcode: PING, payload: Buffer.from("are you there?") },
      { opcode: PING, payload: Buffer.alloc(0) },
      { opcode: PONG, payload: Buffer.alloc(125, 1) },
      { opcode: PONG, payload: Buffer.alloc(0) },
    ]);
  });

  test("send() does not change the caller's bytes, whatever their length", async () => {
    const { connection } = open({ role });
    const messages = [1, 1000, 16_384, 20_000, 100_000].map((length) => Buffer.alloc(length, 0x55));
    for (const message of messages) connection.send(message);
    await turn();
    for (const message of messages) expect(message.equals(Buffer.alloc(message.length, 0x55))).toBe(true);
  });
});

test("RFC 6455 section 5.3: every frame of a client has a key of its own", async () => {
  const { connection, transport } = open({ role: "client" });
  for (let i = 0; i < 1000; i++) connection.send("");
  await turn();
  const keys = Array.from({ length: 1000 }, (_, i) => transport.bytes.toString("hex", i * 6 + 2, i * 6 + 6));
  // Among 1,000 random keys of 32 bits two that are alike come up once in 8,600 runs, three in more than a lifetime.
  expect(new Set(keys).size).toBeGreaterThan(997);
});

test.each([7, null, undefined, {}, [1], true])("sending %j throws a TypeError and sends nothing", async (data) => {
  const { connection, transport } = open();
  const wrong = data as unknown as BinaryData;
  expect(() => connection.send(wrong)).toThrow(TypeError);
  await turn();
  expect(transport.writes).toHaveLength(0);
  transport.close();
  expect(() => connection.send(wrong)).toThrow(TypeError);
});

test.each([null, 7, {}])("a ping with %j throws a TypeError", (data) => {
  const { connection } = open();
  expect(() => connection.ping(data as unknown as BinaryData)).toThrow(TypeError);
  expect(() => connection.pong(data as unknown as BinaryData)).toThrow(TypeError);
});

test("RFC 6455 section 5.5: a ping or pong past 125 bytes throws a RangeError and sends nothing", async () => {
  const { connection, transport } = open();
  expect(() => connection.ping("x".repeat(126))).toThrow(RangeError);
  expect(() => connection.pong(Buffer.alloc(126))).toThrow(RangeError);
  await turn();
  expect(transport.writes).toHaveLength(0);
});

test("a connection has the subprotocol and the extensions of its handshake", () => {
  const { connection } = open();
  expect(connection.protocol).toBe("");
  expect(connection.extensions).toBe("");
  expect(connection.remoteAddress).toBe("192.0.2.1");
  expect(connection.bufferedAmount).toBe(0);
  expect(connection.isPaused).toBe(false);
});

/** Connections of one server: what one of them sends, and how its transport behaves, is nothing to the others. */
const length = fc.constantFrom(0, 1, 20, 124, 125, 126, 127, 16_384, 16_385, 65_535, 65_536);
const data = fc.oneof(
  length.map((count) => Buffer.alloc(count, count % 256)),
  fc.tuple(length, fc.constantFrom("x", "ü")).map(([count, unit]) => unit.repeat(count)),
  fc.string({ unit: "grapheme", maxLength: 60 }),
);
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("send" as const), which: fc.nat(3), data }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("echo" as const), which: fc.nat(3), count: fc.nat(40) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("stick" as const, "drain" as const), which: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("turn" as const), which: fc.nat(3) }) },
);

test("messages of many connections over a shared slab arrive whole and in order, in any interleaving", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...ROLES),
      fc.constantFrom("copied" as const, "kept" as const, "lazy" as const),
      fc.array(step, { minLength: 1, maxLength: 50 }),
      async (role, memory, steps) => {
        const shared = sharedWith();
        const all = Array.from({ length: 4 }, () => {
          const opened = open({ role, shared, transport: new FakeTransport({ memory }), deaf: ["message"] });
          opened.connection.on("message", (message) => opened.connection.send(message));
          return { ...opened, expected: [] as (string | Buffer)[] };
        });
        for (const each of steps) {
          const target = all[each.which];
          if (target === undefined) continue;
          if (each.kind === "send") {
            target.connection.send(each.data);
            target.expected.push(each.data);
          } else if (each.kind === "echo") {
            const messages = Array.from({ length: each.count }, (_, i) => `echo ${i}`);
            target.receive(...messages.map(text));
            target.expected.push(...messages);
          } else if (each.kind === "turn") {
            await turn();
          } else {
            target.transport[each.kind]();
          }
        }
        do {
          for (const { transport } of all) transport.drain();
          await turn();
        } while (all.some(({ transport }) => transport.pendingBytes > 0));
        for (const { expected, transport, connection } of all) {
          expect(connection.bufferedAmount).toBe(0);
          const messages = sentMessages({ transport, role });
          expect(messages.map((message) => typeof message)).toEqual(expected.map((message) => typeof message));
          const same = messages.every((message, i) => Buffer.from(message).equals(Buffer.from(expected[i] ?? "")));
          expect(same).toBe(true);
          transport.close();
        }
      },
    ),
    { numRuns: runs(1) },
  );
});
