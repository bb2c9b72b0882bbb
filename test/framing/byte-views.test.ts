import { describe, expect, test } from "vitest";
import { asBuffer, rangeOf } from "../../src/framing/byte-views.ts";

describe("asBuffer", () => {
  test("a Buffer is returned itself", () => {
    const bytes = Buffer.from("abc");
    expect(asBuffer(bytes)).toBe(bytes);
  });

  test("a Uint8Array becomes a Buffer of the same memory, also inside a larger ArrayBuffer", () => {
    const memory = Uint8Array.from([1, 2, 3, 4, 5]);
    const view = asBuffer(memory.subarray(1, 4));
    expect(view).toEqual(Buffer.from([2, 3, 4]));
    view[0] = 9;
    expect(memory[1]).toBe(9);
  });
});

describe("rangeOf", () => {
  test("the whole range is the array itself", () => {
    const bytes = Buffer.from("abc");
    expect(rangeOf(bytes, 0, 3)).toBe(bytes);
  });

  test("a part is a view of the same memory, also of a view inside a larger ArrayBuffer", () => {
    const memory = Buffer.from([1, 2, 3, 4, 5, 6]);
    const part = rangeOf(memory.subarray(1), 1, 4);
    expect([...part]).toEqual([3, 4, 5]);
    part[0] = 9;
    expect(memory[2]).toBe(9);
    expect([...rangeOf(memory, 2, 2)]).toEqual([]);
  });
});
