import { describe, expect, test } from "vitest";
import { MASKING_MEMORY, type MaskingMemory, READ_BUFFER } from "../../src/framing/masking-memory.ts";
import { maskNaively } from "../support/frames.ts";
import { pattern } from "./arbitraries.ts";

const KEY = [0x01, 0x82, 0x7f, 0xfe];

// test/node/without-webassembly.test.ts runs without it.
describe("the memory of WebAssembly", () => {
  const memory = MASKING_MEMORY as MaskingMemory;

  test("WebAssembly is available on every supported version of node", () => {
    expect(MASKING_MEMORY).not.toBeNull();
  });

  test("the read buffer and the scratch memory are two pages of 64 KiB that do not overlap", () => {
    expect([READ_BUFFER.length, READ_BUFFER.byteOffset]).toEqual([65_536, 0]);
    expect([memory.scratch.length, memory.scratch.byteOffset]).toEqual([65_536, 65_536]);
    expect(READ_BUFFER.buffer).toBe(memory.buffer);
    expect(memory.scratch.buffer).toBe(memory.buffer);
    expect(memory.buffer.byteLength).toBe(2 * 65_536);
  });

  test("RFC 6455 section 5.3: mask() masks the bytes between two addresses and no others", () => {
    for (const length of [0, 1, 2, 3, 4, 5, 63, 64, 65, 127, 128, 131, 5000]) {
      for (const offset of [0, 1, 2, 3]) {
        const content = pattern(length + 8, length + offset);
        const bytes = memory.scratch.subarray(offset, offset + content.length);
        bytes.set(content);
        const start = bytes.byteOffset + 4;
        memory.mask(start, start + length, Buffer.from(KEY).readInt32LE(0));
        const expected = Buffer.concat([
          content.subarray(0, 4),
          maskNaively(content.subarray(4, 4 + length), KEY),
          content.subarray(4 + length),
        ]);
        if (!bytes.equals(expected)) expect.fail(`wrong for ${length} bytes at ${offset}`);
      }
    }
  });
});
