/** The result of `next()` after the end. */
export const DONE: IteratorReturnResult<undefined> = Object.freeze({ done: true, value: undefined });

interface Pending<Item> {
  readonly resolve: (result: IteratorResult<Item, undefined>) => void;
  readonly reject: (error: Error) => void;
}

/** The calls of `next()` of one loop that wait for an item, in their order. */
export class PendingNexts<Item> {
  #pending: Pending<Item>[] = [];

  get isEmpty(): boolean {
    return this.#pending.length === 0;
  }

  /** The result of a call that waits from now on. */
  add(): Promise<IteratorResult<Item, undefined>> {
    return new Promise((resolve, reject) => this.#pending.push({ resolve, reject }));
  }

  /** Gives an item to the call that has waited longest. @returns whether one waited */
  fulfil(value: Item): boolean {
    const first = this.#pending.shift();
    first?.resolve({ done: false, value });
    return first !== undefined;
  }

  /** No item follows: the call that has waited longest gets the error, if there is one, and all others the end. */
  end(error: Error | null): void {
    const all = this.#pending;
    this.#pending = [];
    if (error !== null) all.shift()?.reject(error);
    for (const { resolve } of all) resolve(DONE);
  }

  rejectAll(error: Error): void {
    const all = this.#pending;
    this.#pending = [];
    for (const { reject } of all) reject(error);
  }
}
