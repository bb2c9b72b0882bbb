import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GrowingBuffer } from "../../src/framing/growing-buffer.ts";
import { bytesHeldBy } from "../support/memory.ts";
import { runs } from "../support/runs.ts";
import { pattern } from "./arbitraries.ts";

/** Adds ranges of one chunk, whose memory is used again for each of them. */
function fill(buffer: GrowingBuffer, ranges: readonly Buffer[], announced: (arrived: number) => number): void {
  const chunk = Buffer.alloc(Math.max(0, ...ranges.map(({ length }) => length)) + 7);
  let arrived = 0;
  for (const range of ranges) {
    arrived += range.length;
    range.copy(chunk, 7);
    buffer.add(chunk, 7, 7 + range.length, announced(arrived));
    chunk.fill(0xee);
  }
}

describe("GrowingBuffer", () => {
  const size = fc.oneof(
    { weight: 4, arbitrary: fc.nat({ max: 300 }) },
    { weight: 2, arbitrary: fc.integer({ min: 4000, max: 9000 }) },
    { weight: 1, arbitrary: fc.integer({ min: 60_000, max: 140_000 }) },
  );
  const ranges = fc.array(fc.record({ size, seed: fc.nat() }), { maxLength: 12 });

  it("a GrowingBuffer joins any ranges in order, whatever is announced", () => {
    fc.assert(
      fc.property(ranges, fc.nat({ max: 300_000 }), fc.boolean(), (sizes, more, fixed) => {
        const all = sizes.map((each) => pattern(each.size, each.seed));
        const whole = Buffer.concat(all);
        const buffer = new GrowingBuffer();
        fill(buffer, all, (arrived) => (fixed ? whole.length : arrived) + more);
        expect(buffer.take().equals(whole)).toBe(true);
      }),
      { numRuns: runs(0.5) },
    );
  });

  function held(count: number, range: number, announced: (arrived: number) => number): number {
    const bytes = Buffer.alloc(range);
    return bytesHeldBy(() => {
      const buffer = new GrowingBuffer();
      for (let index = 1; index <= count; index++) buffer.add(bytes, 0, range, announced(index * range));
      return buffer;
    });
  }

  it.each([
    [100_000, 1],
    [16_385, 64],
    [3, 65_536],
  ])(
    "RFC 6455 section 10.4: a GrowingBuffer holds at most four times the bytes of %d ranges of %d, with a gigabyte announced",
    (count, range) => {
      expect(held(count, range, () => 1 << 30)).toBeLessThanOrEqual(4 * count * range);
    },
  );

  it.each([
    [100_000, 1],
    [16_385, 64],
    [3, 65_536],
  ])(
    "RFC 6455 section 10.4: a GrowingBuffer holds at most twice the bytes of %d ranges of %d, with nothing announced",
    (count, range) => {
      expect(held(count, range, (arrived) => arrived)).toBeLessThanOrEqual(2 * count * range);
    },
  );

  it("a GrowingBuffer whose announced bytes have all arrived returns them in memory of that length", () => {
    const buffer = new GrowingBuffer();
    fill(buffer, [pattern(60_000, 1), pattern(60_000, 2)], () => 120_000);
    expect(buffer.take().buffer.byteLength).toBe(120_000);
  });

  it("a GrowingBuffer returns memory of which at least half is used", () => {
    for (const lengths of [[5000], [65_536, 1], [10_000, 20_000, 5], [70_000, 70_000]]) {
      const buffer = new GrowingBuffer();
      fill(
        buffer,
        lengths.map((length) => pattern(length, 3)),
        (arrived) => arrived + 1000,
      );
      const taken = buffer.take();
      expect(taken.buffer.byteLength).toBeLessThanOrEqual(taken.length * 2);
    }
  });

  const chunk = Buffer.alloc(65_536);

  /** The bytes of all long buffers that are made meanwhile: everything that arrived before is copied into each. */
  function allocatedBy(work: () => void): number {
    let allocated = 0;
    const original = Buffer.allocUnsafeSlow;
    Buffer.allocUnsafeSlow = (length) => {
      allocated += length;
      return original(length);
    };
    try {
      work();
    } finally {
      Buffer.allocUnsafeSlow = original;
    }
    return allocated;
  }

  it("a GrowingBuffer allocates less than 1.5 times an announced mebibyte that arrives in chunks of 64 KiB", () => {
    const allocated = allocatedBy(() => {
      const buffer = new GrowingBuffer();
      for (let index = 0; index < 16; index++) buffer.add(chunk, 0, chunk.length, 1 << 20);
      expect(buffer.take().length).toBe(1 << 20);
    });
    expect(allocated).toBeLessThanOrEqual((1 << 20) * 1.5);
  });

  it("RFC 6455 section 10.4: a GrowingBuffer does not copy everything with each fragment that announces a little more", () => {
    for (const more of [1, 100, 30_000]) {
      const allocated = allocatedBy(() => {
        const buffer = new GrowingBuffer();
        for (let index = 1; index <= 500; index++) buffer.add(chunk, 0, 5000, index * 5000 + more);
        expect(buffer.take().length).toBe(2_500_000);
      });
      // Doubling alone allocates up to four times the length.
      expect(allocated).toBeLessThanOrEqual(2_500_000 * 8);
    }
  });
});
