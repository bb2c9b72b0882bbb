import { describe, expect, test } from "vitest";
import { Slab, SlabPool } from "../../src/endpoint/slab.ts";

describe("a slab", () => {
  test("a slab is empty again once all its regions are given back", () => {
    const slab = new Slab(100);
    slab.hold();
    slab.used = 10;
    slab.hold();
    slab.used = 30;
    expect(slab.release(true)).toBe(false);
    expect(slab.used).toBe(30);
    expect(slab.release(true)).toBe(true);
    expect(slab.used).toBe(0);
    expect(slab.reusable).toBe(true);
  });

  test("a slab is not used again when one of its regions is still being read", () => {
    const slab = new Slab(100);
    slab.hold();
    slab.hold();
    slab.release(false);
    expect(slab.release(true)).toBe(false);
    expect(slab.reusable).toBe(false);
  });

  test("a slab has memory of its own", () => {
    expect(new Slab(1000).bytes.buffer.byteLength).toBe(1000);
  });
});

describe("the pool", () => {
  test("the slab pool hands out one slab as long as there is room behind what is used", () => {
    const pool = new SlabPool();
    const slab = pool.take(100);
    slab.hold();
    slab.used = slab.bytes.length - 100;
    expect(pool.take(100)).toBe(slab);
    expect(pool.take(101)).not.toBe(slab);
  });

  test("the slab pool hands out another after one that is still being read", () => {
    const pool = new SlabPool();
    const slab = pool.take(1);
    slab.hold();
    slab.release(false);
    expect(pool.take(1)).not.toBe(slab);
  });

  test("the slab pool hands out the same one turn after turn when its bytes are taken at once", () => {
    const pool = new SlabPool();
    const slab = pool.take(1);
    for (let turn = 0; turn < 10; turn++) {
      expect(pool.take(60_000)).toBe(slab);
      slab.hold();
      slab.used = 60_000;
      slab.release(true);
    }
  });

  test("the slab pool hands out a whole slab again once it was given back", () => {
    const pool = new SlabPool();
    const [first, second] = [pool.takeWhole(), pool.takeWhole()];
    expect(second).not.toBe(first);
    pool.giveBack(first);
    expect(pool.takeWhole()).toBe(first);
    expect(pool.takeWhole()).not.toBe(second);
  });

  test("the slab pool does not hand out the slab that all share as a whole one", () => {
    const pool = new SlabPool();
    const shared = pool.take(1);
    pool.giveBack(shared);
    expect(pool.takeWhole()).not.toBe(shared);
  });

  test("the slab pool keeps no more than 4 MiB, and no slab of another size", () => {
    const pool = new SlabPool();
    const slabs = Array.from({ length: 40 }, () => pool.takeWhole());
    for (const slab of slabs) pool.giveBack(slab);
    const again = Array.from({ length: 40 }, () => pool.takeWhole());
    expect(again.filter((slab) => slabs.includes(slab))).toHaveLength(32);
    const odd = new Slab(1000);
    pool.giveBack(odd);
    expect(pool.takeWhole()).not.toBe(odd);
  });

  test("the slab pool makes a slab as large as is asked for", () => {
    expect(new SlabPool().take(1_000_000).bytes.length).toBe(1_000_000);
  });
});
