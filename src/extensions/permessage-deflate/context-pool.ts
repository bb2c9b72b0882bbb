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
  /** @internal Whether it cannot be used any more. */
  abstract readonly isBroken: boolean;
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
 * zlib contexts that connections use in turn. A connection keeps the one it has as long as it is busy, and gives it
 * back when it has been idle. When there are too few, the one of two picked at random that was used less recently is
 * taken from its connection: always to take the one that was used least recently would take each just before it is
 * needed where slightly too many connections send in turn.
 */
export class ContextPool<Context extends PooledContext, Parameters> {
  #limit: number;
  readonly #random: () => number;
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
   * @param random from 0 to less than 1, each time another
   */
  constructor(
    limit: number,
    keyOf: (parameters: Parameters) => number,
    make: (parameters: Parameters) => Context,
    random: () => number = Math.random,
  ) {
    this.#limit = limit;
    this.#random = random;
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

  get limit(): number {
    return this.#limit;
  }

  /** The most contexts that there may be, at least 1. Where there are more, some go at once. */
  set limit(limit: number) {
    this.#limit = limit;
    while (this.#contexts.length > limit) {
      const dispensable = this.#dispensable;
      this.#evict(dispensable);
      this.discard(dispensable);
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
    if (context.isBroken) this.discard(context);
    else context.tenant = null;
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
    const dispensable = this.#dispensable;
    this.#evict(dispensable);
    if (dispensable.key === key) return dispensable;
    this.discard(dispensable);
    return undefined;
  }

  /** The one that is to go first; there must be one. */
  get #dispensable(): Context {
    const free = this.#contexts.find(({ tenant }) => tenant === null);
    if (free !== undefined) return free;
    const [one, other] = [this.#anyOne, this.#anyOne];
    return one.usedAt <= other.usedAt ? one : other;
  }

  get #anyOne(): Context {
    return this.#contexts[Math.floor(this.#random() * this.#contexts.length)] as Context;
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
