/** Borrows a context from a pool. */
export interface Borrower<Context> {
  /** The pool takes the context back. Its state must be saved now if it is still needed. */
  onEvicted(context: Context): void;
}

/** A zlib context, with the notes of its pool. */
export abstract class PooledContext {
  /** @internal Contexts with the same key are interchangeable. */
  key = 0;
  /** @internal `null` if the context is free. */
  borrower: Borrower<never> | null = null;
  /** @internal The number of uses of the pool at its last use. */
  usedAt = 0;
  /** @internal Whether zlib has failed: the context must not be used any more. */
  abstract readonly isBroken: boolean;
  /** Frees the memory of zlib. */
  abstract close(): void;
}

/** The time between two sweeps, which free contexts that were not used since the last one, in milliseconds. */
const SWEEP_INTERVAL = 5_000;

/** The contexts of a pool, and its work since it was made. */
export interface PoolStatistics {
  /** The number of contexts. */
  readonly size: number;
  /** The most contexts that there may be. */
  readonly limit: number;
  /** The number of messages whose connection still had its context. */
  readonly hits: number;
  /** The number of messages whose connection had to borrow a context. */
  readonly misses: number;
  /** The number of contexts taken back from a connection: another one needed it, or the connection was idle. */
  readonly evictions: number;
}

/**
 * Lends zlib contexts to connections. A connection keeps its context while it is busy, and loses it after it was idle.
 * If all contexts are lent, two are picked at random and the less recently used one is taken back. Always to evict the
 * least recently used one would be worse: if slightly more connections than contexts send one after the other, each
 * would lose its context right before it sends.
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
   * @param keyOf returns the same number for parameters of interchangeable contexts
   * @param random like `Math.random`
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

  /** The most contexts that there may be, at least 1. Contexts beyond it are closed at once. */
  set limit(limit: number) {
    this.#limit = limit;
    while (this.#contexts.length > limit) {
      const dispensable = this.#dispensable;
      this.#evict(dispensable);
      this.discard(dispensable);
    }
  }

  /** Lends a context. The borrower must reset it: it may hold the history of another connection. */
  take(parameters: Parameters, borrower: Borrower<Context>): Context {
    this.#misses++;
    const key = this.#keyOf(parameters);
    const context = this.#findFree(key) ?? this.#findRoom(key) ?? this.#add(parameters, key);
    context.borrower = borrower as Borrower<never>;
    context.usedAt = ++this.#uses;
    return context;
  }

  /** Notes that the borrower uses its context again. */
  touch(context: Context): void {
    this.#hits++;
    context.usedAt = ++this.#uses;
  }

  /** Takes back a context that its borrower does not need any more. */
  giveBack(context: Context): void {
    if (context.isBroken) this.discard(context);
    else context.borrower = null;
  }

  /** Removes a context from the pool and closes it. */
  discard(context: Context): void {
    context.borrower = null;
    const index = this.#contexts.indexOf(context);
    if (index < 0) return;
    this.#contexts.splice(index, 1);
    context.close();
    if (this.#contexts.length > 0 || this.#sweeper === null) return;
    clearInterval(this.#sweeper);
    this.#sweeper = null;
  }

  #findFree(key: number): Context | undefined {
    return this.#contexts.find((context) => context.borrower === null && context.key === key);
  }

  /** Makes room for one more context. @returns the evicted one if it has this key */
  #findRoom(key: number): Context | undefined {
    if (this.#contexts.length < this.#limit) return undefined;
    const dispensable = this.#dispensable;
    this.#evict(dispensable);
    if (dispensable.key === key) return dispensable;
    this.discard(dispensable);
    return undefined;
  }

  /** The context to evict next. There must be at least one context. */
  get #dispensable(): Context {
    const free = this.#contexts.find(({ borrower }) => borrower === null);
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
    const { borrower } = context;
    if (borrower === null) return;
    this.#evictions++;
    context.borrower = null;
    (borrower as Borrower<Context>).onEvicted(context);
  }

  /** Handles contexts that were not used since the last sweep: lent ones are taken back, free ones are closed. */
  #sweep(): void {
    const idle = this.#contexts.filter((context) => context.usedAt <= this.#usesAtSweep);
    for (const context of idle) {
      if (context.borrower === null) this.discard(context);
      else this.#evict(context);
    }
    this.#usesAtSweep = this.#uses;
  }
}
