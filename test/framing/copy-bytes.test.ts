import { describe, expect, test } from "vitest";
import { copyBytes, copyOf, newBuffer } from "../../src/framing/copy-bytes.ts";
import { guarded } from "../support/frames.ts";
import { pattern } from "./arbitraries.ts";

/** Around the lengths where a loop gives way to native code. */
const LENGTHS = [0, 1, 3, 4, 5, 7, 8, 9, 12, 47, 48, 49, 50, 100, 5000];

describe("copyBytes", () => {
  test("any range is copied to any place, and no other byte changes", () => {
    for (const length of LENGTHS) {
      for (const start of [0, 1, 5]) {
        for (const [after, at] of [
          [0, 0],
          [3, 7],
        ] as const) {
          const source = pattern(start + length + after, length + 1);
          const { bytes, intact } = guarded(Buffer.alloc(at + length + 4, 0xa5), 1);
          copyBytes(source, start, start + length, bytes, at);
          const expected = Buffer.alloc(at + length + 4, 0xa5);
          source.copy(expected, at, start, start + length);
          if (!bytes.equals(expected)) expect.fail(`wrong for ${length} bytes from ${start} to ${at}`);
          if (!intact()) expect.fail(`wrote outside for ${length} bytes from ${start} to ${at}`);
        }
      }
    }
  });

  test("a plain Uint8Array is accepted as source and as target", () => {
    for (const length of LENGTHS) {
      const source = new Uint8Array(pattern(length, 1));
      const target = new Uint8Array(length);
      copyBytes(source, 0, length, target, 0);
      expect(target).toEqual(source);
    }
  });
});

describe("newBuffer", () => {
  test("the length is as asked for", () => {
    expect([0, 1, 4096, 4097, 100_000].map((length) => newBuffer(length).length)).toEqual([0, 1, 4096, 4097, 100_000]);
  });

  test("a long Buffer has its own memory", () => {
    for (const length of [4097, 30_000, 100_000]) expect(newBuffer(length).buffer.byteLength).toBe(length);
  });
});

describe("copyOf", () => {
  test("the copy of a range does not change with its source", () => {
    for (const length of LENGTHS) {
      const source = pattern(length + 4, 2);
      const expected = Buffer.from(source.subarray(2, 2 + length));
      const copy = copyOf(source, 2, 2 + length);
      source.fill(0);
      expect(copy.equals(expected)).toBe(true);
    }
  });
});
