import { expect, test } from "vitest";
import { SlabPool } from "../../src/endpoint/slab.ts";
import { WriteBufferPool } from "../../src/endpoint/write-buffer-pool.ts";

test("a WriteBufferPool gives out each buffer that was given back, before it makes another one", () => {
  const pool = new WriteBufferPool();
  const [one, other] = [pool.take(), pool.take()];
  expect(other).not.toBe(one);
  pool.giveBack(one);
  expect(pool.take()).toBe(one);
  expect(pool.take()).not.toBe(one);
});

test("all buffers of a WriteBufferPool take their memory from the same slabs", () => {
  const slabs = new SlabPool();
  const pool = new WriteBufferPool(slabs);
  const slab = slabs.take(1);
  expect(pool.take().reserve(1, false)).toBe(slab);
  expect(pool.take().reserve(1, false)).toBe(slab);
});

test("a WriteBufferPool keeps at most 64 buffers", () => {
  const pool = new WriteBufferPool();
  const given = Array.from({ length: 100 }, () => pool.take());
  for (const buffer of given) pool.giveBack(buffer);
  const taken = Array.from({ length: 100 }, () => pool.take());
  expect(taken.filter((buffer) => given.includes(buffer))).toHaveLength(64);
});
