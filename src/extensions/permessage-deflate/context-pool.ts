/** Somebody who works with a context of a pool. */
export interface Tenant<Context> {
  /** The pool takes the context back: what of it is still wanted is to be kept now. */
  onEvicted(context: Context): void;
}

/** What a pool keeps with each of its contexts. */
export abstract class PooledContext {
  /** @internal What it was made for: only equal ones can stand in for each other. */
  key = 0;
  /** @internal Who has it, `null` where it is free. */
  tenant: Tenant<never> | null = null;
  /** @internal When it was used last, counted in uses of the pool. */
  usedAt = 0;
  abstract close(): void;
}

/** Milliseconds between two looks for contexts that nobody has used since the last one. */
const SWEEP_INTERVAL = 5_000;

/** What a pool has done since it was made. */
export interface PoolStatistics {
  /** How many contexts there are, and how many there may be. */
  readonly size: number;
  readonly limit: number;
  /** Messages that found the context of their connection, and those for which one had to be found. */
  readonly hits: number;
  readonly misses: number;
  /** Contexts that were taken from a connection, as another needed one or as it was idle. */
  readonly evictions: number;
}

/**
 * zlib contexts that connections use in turn. A connection keeps the one it has as long as it is busy: when there
 * are too few, who has not used its own for longest loses it, and who has been idle gives it back.
 */
export class ContextPool<Context extends PooledContext, Parameters> {
  #limit: number;
  readonly #keyOf: (parameters: Parameters) => number;
  readonly #make: (parameters: Parameters) => Context;
  readonly #contexts: Context[] = [];
  #uses = 0;
  #usesAtSweep = 0;
  #sweeper: NodeJS.Timeout | null = null;
  #hits = 0;
  #misses = 0;
  #evictions = 0;

  /**
   * @param limit the most contexts that there may be, at least 1
   * @param keyOf a number that is the same for parameters that lead to equal contexts
   */
  constructor(limit: number, keyOf: (parameters: Parameters) => number, make: (parameters: Parameters) => Context) {
    this.#limit = limit;
    this.#keyOf = keyOf;
    this.#make = make;
  }

  get statistics(): PoolStatistics {
    return {
      size: this.#contexts.length,
      limit: this.#limit,
      hits: this.#hits,
      misses: this.#misses,
      evictions: this.#evictions,
    };
  }

  /** The most contexts that there may be, at least 1. Those past a lower one go, the least used first. */
  set limit(limit: number) {
    this.#limit = limit;
    while (this.#contexts.length > limit) {
      const longest = this.#longestUnused;
      this.#evict(longest);
      this.discard(longest);
    }
  }

  /** A context for the tenant, who must begin anew with it: it may have been another's. */
  take(parameters: Parameters, tenant: Tenant<Context>): Context {
    this.#misses++;
    const key = this.#keyOf(parameters);
    const context = this.#findFree(key) ?? this.#findRoom(key) ?? this.#add(parameters, key);
    context.tenant = tenant as Tenant<never>;
    context.usedAt = ++this.#uses;
    return context;
  }

  /** The tenant works with its context again. */
  touch(context: Context): void {
    this.#hits++;
    context.usedAt = ++this.#uses;
  }

  /** The tenant needs its context no more; others may. */
  giveBack(context: Context): void {
    context.tenant = null;
  }

  /** The context is broken, or not wanted by anybody: it is closed. */
  discard(context: Context): void {
    context.tenant = null;
    const index = this.#contexts.indexOf(context);
    if (index < 0) return;
    this.#contexts.splice(index, 1);
    context.close();
    if (this.#contexts.length > 0 || this.#sweeper === null) return;
    clearInterval(this.#sweeper);
    this.#sweeper = null;
  }

  #findFree(key: number): Context | undefined {
    return this.#contexts.find((context) => context.tenant === null && context.key === key);
  }

  /** Makes room for one more. @returns a context of the same kind if it was one that had to go */
  #findRoom(key: number): Context | undefined {
    if (this.#contexts.length < this.#limit) return undefined;
    const longest = this.#longestUnused;
    this.#evict(longest);
    if (longest.key === key) return longest;
    this.discard(longest);
    return undefined;
  }

  /** There must be one. */
  get #longestUnused(): Context {
    return this.#contexts.reduce((oldest, each) => (each.usedAt < oldest.usedAt ? each : oldest));
  }

  #add(parameters: Parameters, key: number): Context {
    const context = this.#make(parameters);
    context.key = key;
    this.#contexts.push(context);
    this.#sweeper ??= setInterval(() => this.#sweep(), SWEEP_INTERVAL).unref();
    return context;
  }

  #evict(context: Context): void {
    const { tenant } = context;
    if (tenant === null) return;
    this.#evictions++;
    context.tenant = null;
    (tenant as Tenant<Context>).onEvicted(context);
  }

  /** What was not used since the last sweep goes: first the connection loses it, and by the next one it is closed. */
  #sweep(): void {
    const idle = this.#contexts.filter((context) => context.usedAt <= this.#usesAtSweep);
    for (const context of idle) {
      if (context.tenant === null) this.discard(context);
      else this.#evict(context);
    }
    this.#usesAtSweep = this.#uses;
  }
}
