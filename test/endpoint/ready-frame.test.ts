import { expect, test } from "vitest";
import { readyFrame } from "../../src/endpoint/ready-frame.ts";
import { decodeFrames, TEXT } from "../support/frames.ts";

test.each([0, 1, 125, 126, 65_535, 65_536])("a ready frame of %i bytes is one whole unmasked frame", (length) => {
  const payload = Buffer.alloc(length, "p");
  const { first, bytes } = readyFrame(0x80 | 0x40 | TEXT, payload);
  expect(first).toBe(0xc1);
  expect(decodeFrames(bytes)).toEqual([
    expect.objectContaining({ fin: true, rsv: 4, opcode: TEXT, masked: false, payload }),
  ]);
});

test("the payload of a ready frame is the part of its bytes behind the header", () => {
  const { bytes, payload } = readyFrame(0x82, Buffer.from("payload"));
  expect(payload.toString()).toBe("payload");
  expect(payload.buffer).toBe(bytes.buffer);
  expect(payload.byteOffset + payload.length).toBe(bytes.byteOffset + bytes.length);
});

test("a ready frame is a copy in memory of its own, so that its source may change and nothing else is kept alive", () => {
  const source = Buffer.from("before");
  const { bytes, payload } = readyFrame(0x82, source);
  source.fill(0);
  expect(payload.toString()).toBe("before");
  expect(bytes.buffer.byteLength).toBe(bytes.length);
});
