import { describe, expect, test } from "vitest";
import type { Message } from "../../src/connection/message-queue.ts";
import {
  binary,
  closeFrame,
  type Opened,
  type OpenOptions,
  open,
  sentOf,
  text,
  turn,
  wire,
} from "../support/connection-harness.ts";
import { PING, PONG } from "../support/frames.ts";

function openDeaf(options: OpenOptions = {}): Opened {
  return open({ ...options, deaf: ["message"] });
}

/** Runs a loop to its end. */
function loop({ connection }: Opened): { readonly got: Message[]; readonly end: Promise<unknown> } {
  const got: Message[] = [];
  const run = async () => {
    for await (const message of connection) got.push(message);
    return "over";
  };
  return { got, end: run().catch((error: unknown) => error) };
}

const numbered = (count: number) => Array.from({ length: count }, (_, i) => text(`message ${i}`));
const expected = (count: number) => Array.from({ length: count }, (_, i) => `message ${i}`);

test("a loop gets the messages that waited and that come, in their order, and ends with the closing handshake", async () => {
  const opened = openDeaf();
  opened.receive(...numbered(3));
  const { got, end } = loop(opened);
  await turn();
  opened.receive(text("later"), binary(Buffer.from([1])), closeFrame(1000));
  opened.transport.peerEnd();
  expect(await end).toBe("over");
  expect(got).toEqual([...expected(3), "later", Buffer.from([1])]);
  expect(opened.events).toEqual([["close", 1000, "", null]]);
});

test("'message' listeners get nothing while a loop runs, and the remaining messages when it is over", async () => {
  const opened = open();
  const iterator = opened.connection[Symbol.asyncIterator]();
  opened.receive(...numbered(2));
  expect(await iterator.next()).toEqual({ done: false, value: "message 0" });
  expect(opened.of("message")).toEqual([]);
  await iterator.return?.();
  await turn();
  expect(opened.of("message")).toEqual([["message 1"]]);
});

describe("at an end without a Close frame", () => {
  test("a loop throws why the connection was cut off, behind the messages that came", async () => {
    const opened = openDeaf();
    const { got, end } = loop(opened);
    opened.receive(...numbered(2));
    opened.transport.peerEnd();
    expect(await end).toMatchObject({ name: "ConnectionError", code: "CUT_OFF" });
    expect(got).toEqual(expected(2));
  });

  test("a loop throws the violation of a peer that broke a rule", async () => {
    const opened = openDeaf();
    const { got, end } = loop(opened);
    opened.receive(text("fine"), { opcode: 7 });
    opened.transport.peerEnd();
    expect(await end).toMatchObject({ code: "RESERVED_OPCODE", closeCode: 1002 });
    expect(got).toEqual(["fine"]);
  });

  test("a loop throws the error of a failed transport, with its cause", async () => {
    const opened = openDeaf();
    const { end } = loop(opened);
    const cause = new Error("read ECONNRESET");
    opened.transport.close(cause);
    expect(await end).toMatchObject({ code: "TRANSPORT_FAILED", cause });
  });

  test("a loop ends without an error after our own terminate()", async () => {
    const opened = openDeaf();
    const { end } = loop(opened);
    opened.connection.terminate();
    expect(await end).toBe("over");
  });

  test("a loop that begins after the end gets what waited, and then throws why the connection was cut off", async () => {
    const opened = openDeaf();
    opened.receive(text("waits"));
    opened.transport.close();
    const { got, end } = loop(opened);
    expect(await end).toMatchObject({ code: "CUT_OFF" });
    expect(got).toEqual(["waits"]);
  });
});

test("a break leaves the connection open, and messages wait for the next loop", async () => {
  const opened = openDeaf();
  opened.receive(...numbered(3));
  for await (const message of opened.connection) {
    expect(message).toBe("message 0");
    break;
  }
  expect(opened.connection.readyState).toBe(1);
  opened.receive(text("message 3"));
  const { got, end } = loop(opened);
  opened.receive(closeFrame(1000));
  opened.transport.peerEnd();
  expect(await end).toBe("over");
  expect(got).toEqual(["message 1", "message 2", "message 3"]);
});

test("a loop whose body throws is over as well", async () => {
  const opened = openDeaf();
  opened.receive(...numbered(2));
  const failing = async () => {
    for await (const message of opened.connection) throw new Error(String(message));
  };
  await expect(failing()).rejects.toThrow("message 0");
  expect((await opened.connection[Symbol.asyncIterator]().next()).value).toBe("message 1");
});

test("of two loops at once the second throws, and the first goes on", async () => {
  const opened = openDeaf();
  const first = loop(opened);
  await expect(async () => {
    for await (const _ of opened.connection);
  }).rejects.toThrow("iterated already");
  opened.receive(text("a"), closeFrame(1000));
  opened.transport.peerEnd();
  expect(await first.end).toBe("over");
  expect(first.got).toEqual(["a"]);
});

describe("RFC 6455 section 10.4: a slow loop", () => {
  test("RFC 6455 section 10.4: a slow loop stops the reading at maxQueuedAmount, and lets it go on as it takes messages", async () => {
    const opened = openDeaf({ maxQueuedAmount: 500 });
    const iterator = opened.connection[Symbol.asyncIterator]();
    opened.receive(...numbered(100));
    expect(opened.transport.paused).toBe(true);
    opened.receive(text("held by the transport"));
    const got: unknown[] = [(await iterator.next()).value];
    expect(opened.transport.paused).toBe(true);
    for (let i = 0; i < 100; i++) {
      got.push((await iterator.next()).value);
      await turn();
    }
    expect(got).toEqual([...expected(100), "held by the transport"]);
    expect(opened.transport.paused).toBe(false);
  });

  test("a slow loop learns the end only behind all that waited, unread bytes included", async () => {
    const opened = openDeaf({ maxQueuedAmount: 200 });
    const iterator = opened.connection[Symbol.asyncIterator]();
    opened.receive(...numbered(20));
    opened.transport.close();
    for (const message of expected(20)) expect((await iterator.next()).value).toBe(message);
    await expect(iterator.next()).rejects.toMatchObject({ code: "CUT_OFF" });
  });
});

test("a message longer than maxQueuedAmount, with more behind it in its chunk, does not stall a loop that waits", async () => {
  const opened = openDeaf({ maxQueuedAmount: 1000 });
  const { got, end } = loop(opened);
  const long = "x".repeat(5000);
  const bytes = wire("server", text(long), text("behind"), { opcode: PING, payload: "p" }, text("last"));
  opened.transport.deliver(bytes.subarray(0, 100), bytes.subarray(100));
  await turn();
  expect(got).toEqual([long, "behind", "last"]);
  expect(sentOf(opened, PONG)).toEqual([Buffer.from("p")]);
  expect(opened.transport.paused).toBe(false);
  opened.receive(closeFrame(1000));
  opened.transport.peerEnd();
  expect(await end).toBe("over");
});
