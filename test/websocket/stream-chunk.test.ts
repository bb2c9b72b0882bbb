import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { STREAM_CHUNK, writtenChunk } from "../../src/websocket/stream-chunk.ts";

const { buffer } = new Uint8Array([1, 2, 3, 4, 5, 6]);

describe("a received message as a chunk", () => {
  test("is a string for text, and null for bytes that are not UTF-8", () => {
    expect(STREAM_CHUNK.text(Buffer.from("xhéllox"), 1, 7)).toBe("héllo");
    expect(STREAM_CHUNK.text(Buffer.from([0xff]), 0, 1)).toBeNull();
    expect(STREAM_CHUNK.validText(Buffer.from("héllo"))).toBe("héllo");
  });

  test.each([0, 1, 5, 100, 10_000])("is a Uint8Array with memory of its own for %d bytes of binary", (length) => {
    const source = Buffer.alloc(length + 2, 7);
    const bytes = STREAM_CHUNK.binary(source, 1, length + 1) as Uint8Array;
    source.fill(9);
    expect(bytes.constructor).toBe(Uint8Array);
    expect(bytes).toEqual(new Uint8Array(length).fill(7));
    expect(bytes.buffer.byteLength).toBe(length);
  });

  test("does not share memory with others that decoded bytes lie beside", () => {
    const pooled = Buffer.from(new ArrayBuffer(64), 8, 4).fill(3);
    const bytes = STREAM_CHUNK.ownedBinary(pooled) as Uint8Array;
    expect([bytes.constructor, bytes.buffer.byteLength, [...bytes]]).toEqual([Uint8Array, 4, [3, 3, 3, 3]]);
    const own = Buffer.from(new ArrayBuffer(4));
    expect((STREAM_CHUNK.ownedBinary(own) as Uint8Array).buffer).toBe(own.buffer);
  });
});

describe("a written chunk, write step 4", () => {
  test.each([
    ["an ArrayBuffer", buffer, [1, 2, 3, 4, 5, 6]],
    ["a Uint8Array", new Uint8Array(buffer, 1, 3), [2, 3, 4]],
    ["a DataView", new DataView(buffer, 2, 2), [3, 4]],
    ["a Uint16Array", new Uint16Array(buffer, 2, 2), [3, 4, 5, 6]],
    ["a Buffer", Buffer.from(buffer, 5), [6]],
    ["an ArrayBuffer of another realm", runInNewContext("new Uint8Array([8, 9]).buffer"), [8, 9]],
    ["an empty view", new Uint8Array(buffer, 3, 0), []],
  ])("%s is sent as its bytes", (_name, chunk, bytes) => {
    expect([...(writtenChunk(chunk) as Uint8Array)]).toEqual(bytes);
  });

  test("memory that was transferred is sent as an empty message", () => {
    const transferred = new Uint8Array(4);
    const dataView = new DataView(transferred.buffer, 1);
    structuredClone(transferred, { transfer: [transferred.buffer] });
    expect(writtenChunk(transferred)).toEqual(new Uint8Array(0));
    expect(writtenChunk(transferred.buffer)).toEqual(new Uint8Array(0));
    expect(writtenChunk(dataView)).toEqual(new Uint8Array(0));
  });

  const Resizable = ArrayBuffer as unknown as new (length: number, options: { maxByteLength: number }) => ArrayBuffer;
  test.each([
    ["a SharedArrayBuffer", new SharedArrayBuffer(4), /must not be shared memory/],
    ["a view of shared memory", new Uint8Array(new SharedArrayBuffer(4)), /must not be shared memory/],
    ["a resizable ArrayBuffer", new Resizable(4, { maxByteLength: 8 }), /must not be a resizable ArrayBuffer/],
    ["a view of one", new Uint8Array(new Resizable(0, { maxByteLength: 8 })), /must not be a resizable ArrayBuffer/],
  ])("%s throws a TypeError", (_name, chunk, message) => {
    expect(() => writtenChunk(chunk)).toThrow(TypeError);
    expect(() => writtenChunk(chunk)).toThrow(message);
  });
});

describe("a written chunk, write step 5", () => {
  test.each([
    ["text", "text"],
    [42, "42"],
    [undefined, "undefined"],
    [null, "null"],
    [{}, "[object Object]"],
    [[1, 2], "1,2"],
    [new String("object"), "object"],
    [{ toString: () => "a\ud800b" }, "a\ufffdb"],
  ])("%s is sent as the string that it converts to", (chunk, text) => {
    expect(writtenChunk(chunk)).toBe(text);
  });

  test("what has no string throws", () => {
    const own = new RangeError("own");
    expect(() => writtenChunk(Symbol("s"))).toThrow(TypeError);
    expect(() => writtenChunk({ toString: () => ({}), valueOf: () => ({}) })).toThrow(TypeError);
    const throwing = {
      toString() {
        throw own;
      },
    };
    expect(() => writtenChunk(throwing)).toThrow(own);
  });
});
