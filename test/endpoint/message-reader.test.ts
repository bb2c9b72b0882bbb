import { expect, test } from "vitest";
import { type MessageReader, ReaderPool } from "../../src/endpoint/message-reader.ts";
import { STRING_OR_BUFFER } from "../../src/framing/index.ts";
import { text, wire } from "../support/connection-harness.ts";
import { PING } from "../support/frames.ts";

function collector() {
  const got: unknown[] = [];
  return {
    got,
    onMessage: (data: unknown) => void got.push(data),
    onEncodedMessage: (_opcode: number, rsv: number, payload: Buffer) => {
      got.push([rsv, payload.toString()]);
      return null;
    },
    onControlFrame: () => null,
  };
}

const whole = wire("server", text("whole"));

test("one reader serves all connections as long as their chunks end between two messages", () => {
  const pool = new ReaderPool("server", 1000, STRING_OR_BUFFER);
  const readers = new Set<MessageReader<unknown>>();
  for (let turn = 0; turn < 10; turn++) {
    const listener = collector();
    const reader = pool.take(listener, null);
    readers.add(reader);
    reader.parser.push(Buffer.from(whole));
    expect(pool.giveBack(reader)).toBeNull();
    expect(listener.got).toEqual(["whole"]);
  }
  expect(readers.size).toBe(1);
});

test("a connection that takes a reader while another one uses it gets one of its own", () => {
  const pool = new ReaderPool("server", 1000, STRING_OR_BUFFER);
  const listener = collector();
  expect(pool.take(listener, null)).not.toBe(pool.take(listener, null));
});

const fragments = wire("server", { ...text("a"), fin: false }, { opcode: 0, payload: "b" });
const ping = wire("server", { opcode: PING, payload: "ping" });

test.each([
  ["a byte of a header", fragments.subarray(0, 1)],
  ["a header", fragments.subarray(0, 6)],
  ["a fragment", fragments.subarray(0, 7)],
  ["a fragment and a byte of the next header", fragments.subarray(0, 8)],
  ["a control frame's beginning", ping.subarray(0, 7)],
])("a reader that holds %s stays with its connection", (_name, beginning) => {
  const pool = new ReaderPool("server", 1000, STRING_OR_BUFFER);
  const reader = pool.take(collector(), null);
  reader.parser.push(Buffer.from(beginning));
  expect(pool.giveBack(reader)).toBe(reader);
  expect(pool.take(collector(), null)).not.toBe(reader);
});

test("a reader that has met a violation is never used again", () => {
  const pool = new ReaderPool("server", 1000, STRING_OR_BUFFER);
  const reader = pool.take(collector(), null);
  reader.parser.push(Buffer.from([0xff, 0xff]));
  expect(pool.giveBack(reader)).toBe(reader);
});

test("a reader that was suspended reads on for the next connection that takes it", () => {
  const pool = new ReaderPool("server", 1000, STRING_OR_BUFFER);
  const reader = pool.take(collector(), null);
  reader.parser.suspend();
  pool.giveBack(reader);
  const listener = collector();
  pool.take(listener, null).parser.push(Buffer.concat([whole, whole]));
  expect(listener.got).toEqual(["whole", "whole"]);
});

test("the connection that takes a reader decides which extensions decode, whichever had it before", () => {
  const pool = new ReaderPool("server", 1000, STRING_OR_BUFFER);
  const marked = wire("server", { ...text("marked"), rsv: 4 });
  const read = (pipeline: Parameters<ReaderPool<unknown>["take"]>[1], ...chunks: Buffer[]) => {
    const listener = collector();
    const reader = pool.take(listener, pipeline);
    for (const chunk of chunks) reader.parser.push(Buffer.from(chunk));
    const { violation } = reader.parser;
    pool.giveBack(reader);
    return violation?.code ?? listener.got;
  };
  expect(read({ rsv: 0x40, decodesAll: false }, marked, whole)).toEqual([[0x40, "marked"], "whole"]);
  expect(read(null, whole)).toEqual(["whole"]);
  expect(read({ rsv: 0, decodesAll: true }, whole)).toEqual([[0, "whole"]]);
  expect(read({ rsv: 0x20, decodesAll: false }, marked)).toBe("RESERVED_BITS");
  expect(read(null, marked)).toBe("RESERVED_BITS");
});
