import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BytePieces, detach } from "../../src/framing/byte-pieces.ts";
import { bytesHeldBy } from "../support/memory.ts";
import { pattern } from "./arbitraries.ts";

/** A Buffer that is the whole of its memory, as a chunk from a socket is. */
function chunkOf(size: number, seed = 1): Buffer {
  const chunk = Buffer.allocUnsafeSlow(size);
  pattern(size, seed).copy(chunk);
  return chunk;
}

describe("detach", () => {
  it("gives a view of the same memory where the range is long and at least half of it", () => {
    const chunk = chunkOf(10_000);
    const view = detach(chunk, 10, 5010);
    expect(view.buffer).toBe(chunk.buffer);
    expect(view.equals(chunk.subarray(10, 5010))).toBe(true);
  });

  it("gives a copy where the range is less than half of its memory, or short, so that it does not hold the chunk", () => {
    for (const [size, start, end] of [
      [10_000, 10, 5009],
      [4095, 0, 4095],
      [65_536, 0, 20],
      [4096, 4096, 4096],
    ] as const) {
      const chunk = chunkOf(size);
      const copy = detach(chunk, start, end);
      expect(copy.buffer).not.toBe(chunk.buffer);
      expect(copy.equals(chunk.subarray(start, end))).toBe(true);
    }
  });

  it("looks at the memory behind the chunk, not at the chunk's own length", () => {
    const part = chunkOf(64_000).subarray(100, 8292);
    expect(detach(part, 0, part.length).buffer).not.toBe(part.buffer);
  });
});

describe("BytePieces", () => {
  it("joins what was added, in order, whatever the ranges", () => {
    const sizes = fc.oneof(
      { weight: 4, arbitrary: fc.nat({ max: 300 }) },
      { weight: 2, arbitrary: fc.integer({ min: 4000, max: 9000 }) },
      { weight: 1, arbitrary: fc.integer({ min: 60_000, max: 140_000 }) },
    );
    const ranges = fc.record({
      size: sizes,
      before: fc.nat({ max: 5000 }),
      after: fc.nat({ max: 5000 }),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(fc.array(ranges, { maxLength: 12 }), ranges, (earlier, last) => {
        const pieces = new BytePieces();
        const expected: Buffer[] = [];
        for (const { size, before, after, seed } of earlier) {
          const chunk = chunkOf(before + size + after, seed);
          pieces.add(chunk, before, before + size);
          expected.push(Buffer.from(chunk.subarray(before, before + size)));
          // What is copied must not depend on the chunk any more; what is kept as a view is the parser's alone.
          chunk.fill(0, 0, before).fill(0, before + size);
        }
        const chunk = chunkOf(last.before + last.size, last.seed);
        expect(pieces.length).toBe(expected.reduce((sum, piece) => sum + piece.length, 0));
        const joined = pieces.joinWith(chunk, last.before, chunk.length);
        expect(joined.equals(Buffer.concat([...expected, chunk.subarray(last.before)]))).toBe(true);
        expect(joined.buffer).not.toBe(chunk.buffer);
      }),
      { numRuns: 60 },
    );
  });

  it("joins long runs of short ranges", () => {
    const all = pattern(200_000, 9);
    const pieces = new BytePieces();
    let at = 0;
    for (let size = 1; at + size < all.length; size = (size * 3 + 1) % 101) {
      pieces.add(all, at, at + size);
      at += size;
    }
    expect(pieces.joinWith(all, at, all.length).equals(all)).toBe(true);
  });

  function held(sizes: readonly number[], count: number): { held: number; added: number } {
    const pieces = new BytePieces();
    const bytes = bytesHeldBy(() => {
      for (let index = 0; index < count; index++) {
        const size = sizes[index % sizes.length] as number;
        pieces.add(Buffer.allocUnsafeSlow(size), 0, size);
      }
      return pieces;
    });
    return { held: bytes, added: pieces.length };
  }

  it("RFC 6455 section 10.4: holds little more than twice what was added, when it comes byte by byte", () => {
    const { held: bytes, added } = held([1], 100_000);
    expect(bytes).toBeLessThan(added * 2 + 70_000);
  });

  it("RFC 6455 section 10.4: has no more than one block of 64 KiB unfilled, however long a message in short ranges grows", () => {
    const { held: bytes, added } = held([64], 16_385);
    expect(bytes).toBeLessThan(added + 70_000);
  });

  it("RFC 6455 section 10.4: holds little more than twice what was added, when single bytes come between long ranges", () => {
    const { held: bytes, added } = held([1, 4096], 2000);
    expect(bytes).toBeLessThan(added * 2 + 70_000);
  });

  it("RFC 6455 section 10.4: does not hold a chunk for the few bytes of it that were added", () => {
    const pieces = new BytePieces();
    const bytes = bytesHeldBy(() => {
      for (let index = 0; index < 200; index++) pieces.add(Buffer.allocUnsafeSlow(65_536), 100, 200);
      return pieces;
    });
    expect(bytes).toBeLessThan(2 * 200 * 100 + 16_384);
  });
});
