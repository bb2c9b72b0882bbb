import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SlidingWindow } from "../../../src/extensions/permessage-deflate/sliding-window.ts";

describe("a sliding window", () => {
  it("a sliding window holds the last bytes in order, however they were appended", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 8, max: 10 }),
        fc.array(fc.uint8Array({ maxLength: 700 }), { maxLength: 12 }),
        (bits, pieces) => {
          const window = new SlidingWindow(bits);
          for (const piece of pieces) window.append(piece, 0, piece.length);
          expect(window.snapshot()).toEqual(Buffer.concat(pieces).subarray(-(1 << bits)));
        },
      ),
    );
  });

  it("a sliding window appends only the given range", () => {
    const window = new SlidingWindow(8);
    window.append(Buffer.from("abcdef"), 2, 4);
    expect(window.snapshot().toString()).toBe("cd");
  });

  it("a sliding window is empty at first and after clear()", () => {
    const window = new SlidingWindow(8);
    expect(window.snapshot()).toHaveLength(0);
    window.append(Buffer.alloc(300, 1), 0, 300);
    window.clear();
    expect(window.snapshot()).toHaveLength(0);
    window.append(Buffer.from("new"), 0, 3);
    expect(window.snapshot().toString()).toBe("new");
  });
});
