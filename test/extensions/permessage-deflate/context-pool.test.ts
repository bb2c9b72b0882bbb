import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ContextPool, PooledContext, type Tenant } from "../../../src/extensions/permessage-deflate/context-pool.ts";

class Context extends PooledContext {
  closed = false;
  isBroken = false;
  close(): void {
    this.closed = true;
  }
}

class Connection implements Tenant<Context> {
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
  it("never has more than its limit: who has not used his for longest of two at random loses it", () => {
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

  it("hands on what was given back, to connections of the same parameters only", () => {
    const pool = poolOf(3);
    const context = pool.take(1, new Connection());
    pool.giveBack(context);
    expect(pool.take(2, new Connection())).not.toBe(context);
    expect(pool.take(1, new Connection())).toBe(context);
    expect(pool.statistics.evictions).toBe(0);
  });

  it("closes a context of other parameters when it needs the room", () => {
    const pool = poolOf(1);
    const first = new Connection();
    const context = pool.take(1, first);
    const other = pool.take(2, new Connection());
    expect(other).not.toBe(context);
    expect(context.closed).toBe(true);
    expect(first.lost).toEqual([context]);
    expect(pool.statistics.size).toBe(1);
  });

  it("takes back what is idle for two sweeps, and closes it two later", () => {
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

  it("serves most who come in turn although they are a few too many", () => {
    const pool = poolOf(32, cycling(...Array.from({ length: 997 }, (_, index) => ((index * 389) % 997) / 997)));
    const connections = Array.from({ length: 34 }, () => new Connection());
    const own = new Map<Connection, Context>();
    for (let turn = 0; turn < 3400; turn++) {
      const connection = connections[turn % 34] as Connection;
      const context = own.get(connection);
      if (context !== undefined && connection.lost.length === 0) pool.touch(context);
      else own.set(connection, pool.take(1, connection));
      connection.lost = [];
    }
    expect(pool.statistics.hits).toBeGreaterThan(pool.statistics.misses * 2);
  });

  it("takes from nobody while one is free", () => {
    const pool = poolOf(2);
    const first = new Connection();
    pool.take(1, first);
    const free = pool.take(1, new Connection());
    pool.giveBack(free);
    pool.take(2, new Connection());
    expect(free.closed).toBe(true);
    expect(first.lost).toEqual([]);
  });

  it("closes what is given back broken", () => {
    const pool = poolOf(2);
    const context = pool.take(1, new Connection());
    context.isBroken = true;
    pool.giveBack(context);
    expect(context.closed).toBe(true);
    expect(pool.take(1, new Connection())).not.toBe(context);
  });

  it("keeps to a lower limit at once: who has not used his for longest of two at random loses it", () => {
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

  it("closes what is discarded, once", () => {
    const pool = poolOf(2);
    const context = pool.take(1, new Connection());
    pool.discard(context);
    pool.discard(context);
    expect(context.closed).toBe(true);
    expect(pool.statistics.size).toBe(0);
  });
});
