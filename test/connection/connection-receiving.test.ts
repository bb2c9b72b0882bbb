import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  binary,
  closeFrame,
  open,
  ROLES,
  sent,
  sentOf,
  sharedWith,
  text,
  turn,
  uncaughtDuring,
  wire,
} from "../support/connection-harness.ts";
import { BINARY, byteByByte, CONTINUATION, cutAt, PING, PONG, TEXT } from "../support/frames.ts";
import { runs } from "../support/runs.ts";

const fragmented = [
  { ...text("Hel"), fin: false },
  { opcode: PING, payload: "between" },
  { opcode: CONTINUATION, payload: "", fin: false },
  { opcode: PONG, payload: "unasked" },
  { opcode: CONTINUATION, payload: "lo" },
];

describe.each(ROLES)("as %s", (role) => {
  test("RFC 6455 section 6.2: text arrives as a string, binary as a Buffer, in their order", () => {
    const opened = open({ role });
    opened.receive(text("täxt"), binary(Buffer.from([1, 2])), text(""), binary(Buffer.alloc(0)));
    expect(opened.of("message")).toEqual([["täxt"], [Buffer.from([1, 2])], [""], [Buffer.alloc(0)]]);
  });

  test("RFC 6455 section 5.4: fragments become one message, with control frames handled between them", () => {
    const opened = open({ role });
    opened.receive(...fragmented);
    expect(opened.events).toEqual([
      ["ping", Buffer.from("between")],
      ["pong", Buffer.from("unasked")],
      ["message", "Hello"],
    ]);
    expect(sent(opened)).toEqual([{ opcode: PONG, payload: Buffer.from("between") }]);
  });

  test("RFC 6455 section 5.5.2: a ping between fragments is answered before the message is whole", () => {
    const opened = open({ role });
    opened.receive({ ...binary(Buffer.from("a")), fin: false }, { opcode: PING, payload: "now" });
    expect(sentOf(opened, PONG)).toEqual([Buffer.from("now")]);
    expect(opened.of("message")).toEqual([]);
  });

  test("RFC 6455 section 5.5.3: a pong has the very payload of its ping, and every ping is answered", () => {
    const opened = open({ role });
    const payloads = Array.from({ length: 126 }, (_, length) => Buffer.alloc(length, length));
    opened.receive(...payloads.map((payload) => ({ opcode: PING, payload })));
    expect(sentOf(opened, PONG)).toEqual(payloads);
    expect(opened.transport.writes).toHaveLength(1);
    expect(opened.of("ping")).toEqual(payloads.map((payload) => [payload]));
  });

  test("RFC 6455 section 5.5.3: a pong that nobody asked for is not answered", async () => {
    const opened = open({ role });
    opened.receive({ opcode: PONG, payload: "hello" });
    await turn();
    expect(opened.transport.writes).toHaveLength(0);
  });

  test("the same messages arrive if the bytes come one by one", () => {
    const opened = open({ role });
    opened.transport.deliver(...byteByByte(wire(role, ...fragmented, text("next"), closeFrame(1000, "bye"))));
    expect(opened.of("message")).toEqual([["Hello"], ["next"]]);
    expect(opened.of("ping")).toEqual([[Buffer.from("between")]]);
    expect(opened.connection.readyState).toBe(2);
  });
});

test("bytes that came with the handshake are read first, and wait for a listener as all others", async () => {
  const opened = open({ head: wire("server", text("with the head"), text("in h")).subarray(0, -2), deaf: ["message"] });
  opened.transport.deliver(wire("server", text("in h")).subarray(-2));
  const got: unknown[] = [];
  opened.connection.on("message", (data) => got.push(data));
  await turn();
  expect(got).toEqual(["with the head", "in h"]);
});

test("the payload for a ping or pong listener is a copy, since the chunk's memory is used again", () => {
  const opened = open();
  opened.receive(
    { ...text("a".repeat(10)), fin: false },
    { opcode: PING, payload: "kept ping" },
    { opcode: PONG, payload: "kept pong" },
    { opcode: CONTINUATION, payload: "b".repeat(100) },
  );
  expect(opened.of("ping")).toEqual([[Buffer.from("kept ping")]]);
  expect(opened.of("pong")).toEqual([[Buffer.from("kept pong")]]);
  expect(opened.of("message")).toEqual([["a".repeat(10) + "b".repeat(100)]]);
});

describe("a listener that throws", () => {
  test.each(["message", "ping", "pong"] as const)(
    "an exception of a listener for %s is uncaught, and breaks nothing",
    async (event) => {
      const opened = open();
      const error = new Error(`thrown by a ${event} listener`);
      opened.connection.once(event, () => {
        throw error;
      });
      const uncaught = await uncaughtDuring(() => {
        opened.receive(text("one"), { opcode: PING, payload: "p" }, { opcode: PONG }, text("two"));
        opened.receive(text("three"));
      });
      expect(uncaught).toEqual([error]);
      expect(opened.of("message")).toEqual([["one"], ["two"], ["three"]]);
      expect(sentOf(opened, PONG)).toEqual([Buffer.from("p")]);
      expect(opened.connection.readyState).toBe(1);
    },
  );

  test("messages that other listeners send leave although a listener throws", async () => {
    const opened = open();
    opened.connection.on("message", (data) => {
      if (data === "bad") throw new Error("bad");
      opened.connection.send(data);
    });
    const uncaught = await uncaughtDuring(() => opened.receive(text("a"), text("bad"), text("b")));
    expect(uncaught).toHaveLength(1);
    expect(sentOf(opened, TEXT).map(String)).toEqual(["a", "b"]);
  });
});

test("connections of one server get each their own messages, in any interleaving of any pieces", () => {
  const message = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 40 }),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  );
  const stream = fc.record({
    messages: fc.array(message, { maxLength: 8 }),
    cuts: fc.array(fc.nat(1000), { maxLength: 12 }),
    broken: fc.boolean(),
  });
  fc.assert(
    fc.property(
      fc.array(stream, { minLength: 3, maxLength: 3 }),
      fc.array(fc.nat(2), { maxLength: 60 }),
      (streams, order) => {
        const shared = sharedWith();
        const all = streams.map(({ messages, cuts, broken }) => {
          const frames = messages.flatMap((data) => {
            const bytes = Buffer.from(data);
            const half = bytes.length >> 1;
            const opcode = typeof data === "string" ? TEXT : BINARY;
            return [
              { opcode, payload: bytes.subarray(0, half), fin: false },
              { opcode: PING, payload: "?" },
              { opcode: CONTINUATION, payload: bytes.subarray(half) },
            ];
          });
          const bytes = wire("server", ...frames, ...(broken ? [{ opcode: 7 }, text("never seen")] : []));
          return { ...open({ shared }), messages, broken, chunks: cutAt(bytes, cuts) };
        });
        for (const which of [...order, ...Array.from({ length: 60 }, (_, i) => i % 3)]) {
          const chunk = all[which]?.chunks.shift();
          if (chunk !== undefined) all[which]?.transport.deliver(chunk);
        }
        for (const { connection, transport, messages, broken, ...opened } of all) {
          expect(opened.of("message")).toEqual(messages.map((data) => [data]));
          expect(opened.of("ping")).toHaveLength(messages.length);
          expect(connection.readyState).toBe(broken ? 2 : 1);
          transport.close();
        }
      },
    ),
    { numRuns: runs(1) },
  );
});
