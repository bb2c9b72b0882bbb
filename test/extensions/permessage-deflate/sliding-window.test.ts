import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SlidingWindow } from "../../../src/extensions/permessage-deflate/sliding-window.ts";

describe("a sliding window", () => {
  it("holds the last bytes of all that was added, in their order, however they came", () => {
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

  it("takes a part of what it is given", () => {
    const window = new SlidingWindow(8);
    window.append(Buffer.from("abcdef"), 2, 4);
    expect(window.snapshot().toString()).toBe("cd");
  });

  it("is empty when it is new and when it was cleared", () => {
    const window = new SlidingWindow(8);
    expect(window.snapshot()).toHaveLength(0);
    window.append(Buffer.alloc(300, 1), 0, 300);
    window.clear();
    expect(window.snapshot()).toHaveLength(0);
    window.append(Buffer.from("new"), 0, 3);
    expect(window.snapshot().toString()).toBe("new");
  });
});
