import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Borrower, ContextPool, PooledContext } from "../../../src/extensions/permessage-deflate/context-pool.ts";

class Context extends PooledContext {
  closed = false;
  isBroken = false;
  close(): void {
    this.closed = true;
  }
}

class Connection implements Borrower<Context> {
  lost: Context[] = [];
  onEvicted(context: Context): void {
    this.lost.push(context);
  }
}

const poolOf = (limit: number, random?: () => number) =>
  new ContextPool<Context, number>(
    limit,
    (kind) => kind,
    () => new Context(),
    random,
  );

/** Yields the numbers one after the other, and then again. */
function cycling(...numbers: readonly number[]): () => number {
  let index = 0;
  return () => numbers[index++ % numbers.length] as number;
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a pool of contexts", () => {
  it("a pool at its limit evicts the less recently used of two contexts picked at random", () => {
    const pool = poolOf(2, cycling(0, 0.99));
    const [first, second, third] = [new Connection(), new Connection(), new Connection()];
    const mine = pool.take(1, first);
    const yours = pool.take(1, second);
    pool.touch(mine);
    expect(pool.take(1, third)).toBe(yours);
    expect(second.lost).toEqual([yours]);
    expect(first.lost).toEqual([]);
    expect(pool.statistics).toEqual({ size: 2, limit: 2, hits: 1, misses: 3, evictions: 1 });
  });

  it("a context that was given back is lent again for the same parameters only", () => {
    const pool = poolOf(3);
    const context = pool.take(1, new Connection());
    pool.giveBack(context);
    expect(pool.take(2, new Connection())).not.toBe(context);
    expect(pool.take(1, new Connection())).toBe(context);
    expect(pool.statistics.evictions).toBe(0);
  });

  it("a pool at its limit closes an evicted context of other parameters", () => {
    const pool = poolOf(1);
    const first = new Connection();
    const context = pool.take(1, first);
    const other = pool.take(2, new Connection());
    expect(other).not.toBe(context);
    expect(context.closed).toBe(true);
    expect(first.lost).toEqual([context]);
    expect(pool.statistics.size).toBe(1);
  });

  it("a context that is idle for two sweeps is taken back, and the next sweep closes it", () => {
    const pool = poolOf(4);
    const connection = new Connection();
    const context = pool.take(1, connection);
    vi.advanceTimersByTime(5_000);
    expect(connection.lost).toEqual([]);
    pool.touch(context);
    vi.advanceTimersByTime(5_000);
    expect(connection.lost).toEqual([]);
    vi.advanceTimersByTime(5_000);
    expect(connection.lost).toEqual([context]);
    expect(context.closed).toBe(false);
    vi.advanceTimersByTime(5_000);
    expect(context.closed).toBe(true);
    expect(pool.statistics.size).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("most connections keep their context if slightly more connections than contexts send one after the other", () => {
    const pool = poolOf(32, cycling(...Array.from({ length: 997 }, (_, index) => ((index * 389) % 997) / 997)));
    const connections = Array.from({ length: 34 }, () => new Connection());
    const own = new Map<Connection, Context>();
    for (let message = 0; message < 3400; message++) {
      const connection = connections[message % 34] as Connection;
      const context = own.get(connection);
      if (context !== undefined && connection.lost.length === 0) pool.touch(context);
      else own.set(connection, pool.take(1, connection));
      connection.lost = [];
    }
    expect(pool.statistics.hits).toBeGreaterThan(pool.statistics.misses * 2);
  });

  it("no context is evicted while another one is free", () => {
    const pool = poolOf(2);
    const first = new Connection();
    pool.take(1, first);
    const free = pool.take(1, new Connection());
    pool.giveBack(free);
    pool.take(2, new Connection());
    expect(free.closed).toBe(true);
    expect(first.lost).toEqual([]);
  });

  it("a broken context that is given back is closed", () => {
    const pool = poolOf(2);
    const context = pool.take(1, new Connection());
    context.isBroken = true;
    pool.giveBack(context);
    expect(context.closed).toBe(true);
    expect(pool.take(1, new Connection())).not.toBe(context);
  });

  it("a lower limit evicts and closes contexts at once, of two picked at random the less recently used one", () => {
    const pool = poolOf(3, cycling(0.4, 0.99, 0, 0.99));
    const [first, second, third] = [new Connection(), new Connection(), new Connection()];
    const contexts = [first, second, third].map((connection) => pool.take(1, connection));
    pool.touch(contexts[0] as Context);
    pool.limit = 1;
    expect(contexts.map(({ closed }) => closed)).toEqual([false, true, true]);
    expect([first, second, third].map(({ lost }) => lost.length)).toEqual([0, 1, 1]);
    expect(pool.statistics).toMatchObject({ size: 1, limit: 1, evictions: 2 });
    pool.limit = 2;
    pool.take(1, second);
    expect(pool.statistics.size).toBe(2);
  });

  it("a discarded context is closed and leaves the pool, even if it is discarded twice", () => {
    const pool = poolOf(2);
    const context = pool.take(1, new Connection());
    pool.discard(context);
    pool.discard(context);
    expect(context.closed).toBe(true);
    expect(pool.statistics.size).toBe(0);
  });
});
