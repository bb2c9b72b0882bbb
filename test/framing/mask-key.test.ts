import { randomFillSync } from "node:crypto";
import { describe, expect, it, vi } from "vitest";
import { nextMaskKey } from "../../src/framing/index.ts";

const drawn = vi.hoisted((): number[] => []);

vi.mock("node:crypto", async (original) => {
  const crypto = await original<typeof import("node:crypto")>();
  return {
    ...crypto,
    randomFillSync: vi.fn((target: Int32Array) => {
      crypto.randomFillSync(target);
      drawn.push(...target);
      return target;
    }),
  };
});

describe("nextMaskKey", () => {
  it("RFC 6455 section 5.3: every key is drawn from the cryptographic generator and used once, across several batches", () => {
    const keys = Array.from({ length: 10_000 }, nextMaskKey);
    expect(keys).toEqual(drawn.slice(0, keys.length));
    expect(vi.mocked(randomFillSync).mock.calls.length).toBeGreaterThan(1);
    expect(drawn.length - keys.length).toBeLessThan(drawn.length / vi.mocked(randomFillSync).mock.calls.length);
  });

  it("RFC 6455 section 5.3: masking keys repeat no more often than by chance", () => {
    const keys = Array.from({ length: 5000 }, nextMaskKey);
    // Two of 5,000 draws from 2^32 are equal once in 340 runs; four pairs once in 10^11.
    expect(new Set(keys).size).toBeGreaterThan(keys.length - 4);
  });

  it("RFC 6455 section 5.3: each bit is set in about half of the masking keys", () => {
    const keys = Array.from({ length: 5000 }, nextMaskKey);
    for (let bit = 0; bit < 32; bit++) {
      const set = keys.filter((key) => ((key >>> bit) & 1) === 1).length;
      // Ten standard deviations to each side.
      expect(Math.abs(set - 2500)).toBeLessThan(354);
    }
  });
});
