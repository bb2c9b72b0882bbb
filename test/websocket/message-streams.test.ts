import { describe, expect, test } from "vitest";
import { connectionEndedBy, WebSocketError } from "../../src/websocket/websocket-error.ts";
import { SlowCodec } from "../connection/codecs.ts";
import { binary, closeFrame, closePayload, text, turn } from "../support/connection-harness.ts";
import { domException } from "../support/dom-exception.ts";
import { BINARY, CLOSE, PING, PONG, TEXT } from "../support/frames.ts";
import { openStreams, outcome, settled } from "../support/stream-harness.ts";

const CLOSED_ERROR = domException("InvalidStateError", /closed WebSocketStream cannot be written to/);
const EMPTY_CLOSE = { opcode: CLOSE, payload: Buffer.alloc(0) };

function unclean(closeCode: number, reason = ""): Error {
  return expect.objectContaining({ constructor: WebSocketError, name: "WebSocketError", closeCode, reason });
}

describe("messages", () => {
  test("are read as strings and Uint8Arrays in their order, one chunk for each", async () => {
    const { receive, reader } = await openStreams();
    receive(text("one"), binary(Buffer.from([1, 2])), text(""));
    expect(await reader.read()).toEqual({ value: "one", done: false });
    expect(await reader.read()).toEqual({ value: new Uint8Array([1, 2]), done: false });
    expect(await reader.read()).toEqual({ value: "", done: false });
  });

  test("are written as one frame for each chunk, text for a string and binary for bytes", async () => {
    const { writer, sent } = await openStreams();
    await writer.write("héllo");
    await writer.write(new Uint8Array([1, 2, 3]).subarray(1));
    await writer.write(new ArrayBuffer(2));
    await writer.write(42);
    await turn();
    expect(sent()).toEqual([
      { opcode: TEXT, payload: Buffer.from("héllo") },
      { opcode: BINARY, payload: Buffer.from([2, 3]) },
      { opcode: BINARY, payload: Buffer.from([0, 0]) },
      { opcode: TEXT, payload: Buffer.from("42") },
    ]);
  });
});

describe("back-pressure", () => {
  test("pauses the transport at the second message that nobody has read, and loses none", async () => {
    const { receive, reader, transport } = await openStreams();
    receive(text("one"));
    await turn();
    expect(transport.paused).toBe(false);
    receive(text("two"), text("three"), text("four"));
    await turn();
    expect(transport.paused).toBe(true);
    for (const value of ["one", "two", "three", "four"]) expect(await reader.read()).toEqual({ value, done: false });
    await turn();
    expect(transport.paused).toBe(false);
  });

  test("answers a ping and sees the Close frame behind one message that nobody has read", async () => {
    const { receive, sent, transport, ends, reader } = await openStreams();
    receive(text("unread"), { opcode: PING, payload: "?" }, closeFrame(4001, "bye"));
    await turn();
    expect(sent()).toEqual([
      { opcode: PONG, payload: Buffer.from("?") },
      { opcode: CLOSE, payload: closePayload(4001, "bye") },
    ]);
    transport.close();
    expect(ends).toEqual([{ status: { code: 4001, reason: "bye" }, failure: null }]);
    expect(await reader.read()).toEqual({ value: "unread", done: false });
    expect(await reader.read()).toEqual({ value: undefined, done: true });
  });

  test("keeps a write waiting until everything that was written has left", async () => {
    const { writer, transport } = await openStreams();
    transport.stick();
    const write = writer.write(new Uint8Array(100_000));
    const next = writer.write("next");
    expect(await outcome(write)).toBe("pending");
    expect(await outcome(next)).toBe("pending");
    transport.drain();
    expect(await outcome(write)).toEqual({ resolved: undefined });
    expect(await outcome(next)).toEqual({ resolved: undefined });
  });

  test("accepts a message of any length behind others that wait: nothing overflows", async () => {
    const { writer, transport, ends, sent } = await openStreams();
    transport.stick();
    await writer.write("a short one that waits");
    await turn();
    const long = writer.write(new Uint8Array(20 << 20));
    expect(await outcome(long)).toBe("pending");
    expect(ends).toEqual([]);
    transport.drain();
    await long;
    expect(sent().map(({ payload }) => payload.length)).toEqual([22, 20 << 20]);
  });
});

describe("close(), cancel() and abort()", () => {
  test.each(["one", "two"])(
    "close() lets a Close frame be read behind messages that are dropped, %s unread",
    async (more) => {
      const { streams, receive, reader, transport, ends, sent } = await openStreams();
      receive(text("one"), ...(more === "two" ? [text("two"), text("three")] : []));
      await turn();
      streams.close({ code: 4000, reason: "done" });
      receive(text("late"), closeFrame(4000, "done"));
      await turn();
      transport.close();
      expect(sent()).toEqual([{ opcode: CLOSE, payload: closePayload(4000, "done") }]);
      expect(ends).toEqual([{ status: { code: 4000, reason: "done" }, failure: null }]);
      const all: unknown[] = [];
      for (let read = await reader.read(); !read.done; read = await reader.read()) all.push(read.value);
      expect(all).toEqual(more === "two" ? ["one", "two"] : ["one"]);
    },
  );

  test("cancel() ends at once, and its read is done before the connection has closed", async () => {
    const { reader, transport, sent, receive, ends } = await openStreams();
    const read = reader.read();
    expect(await outcome(reader.cancel("a reason that is not a WebSocketError"))).toEqual({ resolved: undefined });
    expect(await outcome(read)).toEqual({ resolved: { value: undefined, done: true } });
    expect(sent()).toEqual([EMPTY_CLOSE]);
    receive(text("dropped"), closeFrame());
    transport.close();
    await turn();
    expect(ends).toEqual([{ status: { code: 1005, reason: "" }, failure: null }]);
  });

  test.each([
    [
      "a WebSocketError with a code and a reason",
      new WebSocketError("", { closeCode: 3456, reason: "set" }),
      3456,
      "set",
    ],
    ["a WebSocketError with a reason alone", new WebSocketError("", { reason: "set" }), 1000, "set"],
    ["a WebSocketError without a code", new WebSocketError("m"), undefined, ""],
    ["the error of an unclean end", connectionEndedBy("m", { code: 1006, reason: "" }, null), undefined, ""],
    ["another DOMException", Object.assign(new DOMException("m"), { closeCode: 3456, reason: "no" }), undefined, ""],
    ["an object with a code", { closeCode: 3456, reason: "no" }, undefined, ""],
  ])("closing by %s sends what a Close frame may hold", async (_name, reason, code, said) => {
    const payload = code === undefined ? Buffer.alloc(0) : closePayload(code, said);
    const cancelled = await openStreams();
    await cancelled.reader.cancel(reason);
    await turn();
    expect(cancelled.sent()).toEqual([{ opcode: CLOSE, payload }]);
    const aborted = await openStreams();
    await aborted.writer.abort(reason);
    await turn();
    expect(aborted.sent()).toEqual([{ opcode: CLOSE, payload }]);
  });

  test("what is written after close() is dropped, and the writable is errored at the end", async () => {
    const { streams, writer, receive, transport, sent } = await openStreams();
    streams.close({ code: 1000, reason: "" });
    expect(await outcome(writer.write("dropped"))).toEqual({ resolved: undefined });
    expect(await outcome(writer.closed)).toBe("pending");
    receive(closeFrame(1000));
    transport.close();
    expect(await outcome(writer.closed)).toEqual({ rejected: CLOSED_ERROR });
    expect(sent()).toEqual([{ opcode: CLOSE, payload: closePayload(1000) }]);
  });

  test("writer.close() sends the Close frame behind everything, and ends with the closing handshake", async () => {
    const { writer, transport, receive, sent, ends } = await openStreams();
    transport.stick();
    const write = writer.write(new Uint8Array(100_000));
    const close = settled(writer.close());
    await turn();
    transport.drain();
    await write;
    await turn();
    expect(sent()[1]).toEqual(EMPTY_CLOSE);
    receive(closeFrame());
    await turn();
    expect(ends).toEqual([]);
    transport.close();
    expect(await close).toEqual({ resolved: undefined });
    expect(ends).toEqual([{ status: { code: 1005, reason: "" }, failure: null }]);
  });

  test("abort() while a write is stuck rejects the write and starts the closing handshake", async () => {
    const { writer, transport, sent, reader } = await openStreams();
    transport.stick();
    const write = settled(writer.write(new Uint8Array(100_000)));
    await turn();
    expect(await outcome(writer.abort("enough"))).toEqual({ resolved: undefined });
    expect(await write).toEqual({ rejected: "enough" });
    transport.drain();
    await turn();
    expect(sent()[1]).toEqual(EMPTY_CLOSE);
    transport.close();
    expect(await outcome(reader.closed)).toEqual({ rejected: unclean(1006) });
  });
});

test("idleTimeout closes in order although nobody reads; a write waits for the end and is not taken for sent", async () => {
  const { endpoint, receive, writer, transport, ends } = await openStreams();
  receive(text("one"), text("two"), text("three"));
  await turn();
  expect(transport.paused).toBe(true);
  endpoint.close({ code: 1001, reason: "no message for 1000 ms" });
  const write = writer.write("too late");
  expect(await outcome(write)).toBe("pending");
  receive(closeFrame(1001));
  transport.close();
  expect(await outcome(write)).toEqual({ rejected: CLOSED_ERROR });
  expect(ends).toEqual([{ status: { code: 1001, reason: "" }, failure: null }]);
});

describe("the peer's end", () => {
  test("by a Close frame closes the readable and errors the writable before the transport has ended", async () => {
    const { receive, reader, writer, transport, ends } = await openStreams();
    receive(closeFrame(4001, "bye"));
    expect(await outcome(reader.read())).toEqual({ resolved: { value: undefined, done: true } });
    expect(await outcome(writer.write("late"))).toEqual({ rejected: CLOSED_ERROR });
    expect(ends).toEqual([]);
    transport.close();
    expect(ends).toEqual([{ status: { code: 4001, reason: "bye" }, failure: null }]);
  });

  test("by a Close frame is unclean if a written message has not left; its code is kept", async () => {
    const { receive, reader, writer, transport, ends } = await openStreams();
    transport.stick();
    const write = settled(writer.write(new Uint8Array(100_000)));
    await turn();
    receive(text("last"), closeFrame(4567, "no more"));
    await turn();
    transport.close();
    expect(ends).toEqual([{ status: { code: 4567, reason: "no more" }, failure: unclean(4567, "no more") }]);
    expect(await write).toEqual({ rejected: CLOSED_ERROR });
    expect(await reader.read()).toEqual({ value: "last", done: false });
    expect(await reader.read()).toEqual({ value: undefined, done: true });
  });

  test("without a Close frame errors both streams with one WebSocketError of 1006, whose cause says why", async () => {
    const { reader, writer, transport, ends } = await openStreams();
    const read = settled(reader.read());
    transport.close(new Error("read ECONNRESET"));
    await turn();
    const failure = ends[0]?.failure;
    expect(ends).toEqual([{ status: { code: 1006, reason: "" }, failure: unclean(1006) }]);
    expect(failure?.cause).toMatchObject({ code: "TRANSPORT_FAILED" });
    expect(await read).toEqual({ rejected: failure });
    expect(await settled(writer.ready)).toEqual({ rejected: failure });
    expect(await settled(writer.write("late"))).toEqual({ rejected: failure });
  });

  test("by a violation errors both streams once the transport has ended; a write waits until then", async () => {
    const { receive, writer, reader, transport, ends, sent } = await openStreams();
    receive({ opcode: TEXT, payload: Buffer.from([0xff]) });
    const write = writer.write("not sent");
    expect(await outcome(write)).toBe("pending");
    expect(sent()).toMatchObject([{ opcode: CLOSE }]);
    transport.close();
    expect(await outcome(write)).toEqual({ rejected: unclean(1006) });
    expect(await outcome(reader.closed)).toEqual({ rejected: ends[0]?.failure });
    expect(ends[0]?.failure?.cause).toMatchObject({ code: "TEXT_NOT_UTF8" });
  });

  test("while writer.close() waits rejects that with the error of the end", async () => {
    const { writer, transport, ends } = await openStreams();
    const close = settled(writer.close());
    await turn();
    transport.close();
    expect(await close).toEqual({ rejected: ends[0]?.failure });
    expect(ends[0]?.failure).toEqual(unclean(1006));
  });

  test("behind messages that nobody has read yet waits for the reader", async () => {
    const { receive, transport, reader, ends } = await openStreams({ afterPause: "goesOn" });
    receive(text("1"), text("2"), text("3"), closeFrame(4001));
    transport.peerEnd();
    transport.close();
    await turn();
    expect(ends).toEqual([]);
    for (const value of ["1", "2", "3"]) expect(await reader.read()).toEqual({ value, done: false });
    expect(await reader.read()).toEqual({ value: undefined, done: true });
    expect(ends).toEqual([{ status: { code: 4001, reason: "" }, failure: null }]);
  });

  test("does not wait for the reader if a write waits for it, and what has arrived can still be read", async () => {
    const { receive, transport, writer, reader, ends } = await openStreams({ afterPause: "goesOn" });
    receive(text("1"), text("2"), text("3"), closeFrame(4001));
    transport.close();
    await turn();
    expect(ends).toEqual([]);
    expect(await outcome(writer.write("late"))).toEqual({ rejected: CLOSED_ERROR });
    expect(ends).toEqual([{ status: { code: 4001, reason: "" }, failure: null }]);
    for (const value of ["1", "2", "3"]) expect(await reader.read()).toEqual({ value, done: false });
    expect(await reader.read()).toEqual({ value: undefined, done: true });
  });

  test("reaches a write that was stuck although nobody reads", async () => {
    const { receive, transport, writer, ends } = await openStreams({ afterPause: "goesOn" });
    transport.stick();
    const write = settled(writer.write(new Uint8Array(100_000)));
    receive(text("1"), text("2"), text("3"));
    await turn();
    transport.close();
    expect(await write).toEqual({ rejected: unclean(1006) });
    expect(ends).toEqual([{ status: { code: 1006, reason: "" }, failure: unclean(1006) }]);
  });

  test("closes in order when the application closes as the transport is gone already", async () => {
    const { receive, transport, writer, ends } = await openStreams({ afterPause: "goesOn" });
    receive(text("1"), text("2"), text("3"), closeFrame(4001));
    transport.close();
    await turn();
    expect(await settled(writer.close())).toEqual({ resolved: undefined });
    expect(ends).toEqual([{ status: { code: 4001, reason: "" }, failure: null }]);
  });
});

describe("a message that is decoded asynchronously", () => {
  test("comes before the end of the readable, although the connection has closed meanwhile", async () => {
    const codec = new SlowCodec();
    const { receive, transport, reader, ends } = await openStreams({ stages: [{ rsv: 0x40, codec }] });
    receive({ opcode: TEXT, payload: "nialp", rsv: 4 }, closeFrame(4001));
    transport.close();
    await turn();
    expect(ends).toEqual([]);
    await codec.decoded();
    expect(await reader.read()).toEqual({ value: "plain", done: false });
    expect(await reader.read()).toEqual({ value: undefined, done: true });
    expect(ends).toEqual([{ status: { code: 4001, reason: "" }, failure: null }]);
  });
});
