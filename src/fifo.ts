/** What a place in a queue takes beside what is queued, in bytes: a flood of empty messages is bounded by it, too. */
export const ENTRY_COST = 64;
/** Once this many taken entries lie at the front of the queue, they are cut off. */
const COMPACT_FROM = 256;

/** A queue: what was put in first is taken first, however long it has become (`Array.shift` moves all that follow). */
export class Fifo<Item extends object | string> {
  #items: (Item | undefined)[] = [];
  #taken = 0;

  get isEmpty(): boolean {
    return this.#taken === this.#items.length;
  }

  put(item: Item): void {
    this.#items.push(item);
  }

  /** @returns `undefined` when it is empty */
  take(): Item | undefined {
    const item = this.#items[this.#taken];
    if (item === undefined) return undefined;
    this.#items[this.#taken++] = undefined;
    if (this.isEmpty) this.clear();
    else if (this.#taken >= COMPACT_FROM && this.#taken * 2 >= this.#items.length) this.#compact();
    return item;
  }

  /** Drops what does not pass. */
  retain(passes: (item: Item) => boolean): void {
    this.#compact();
    this.#items = this.#items.filter((item) => passes(item as Item));
  }

  clear(): void {
    this.#items = [];
    this.#taken = 0;
  }

  #compact(): void {
    this.#items = this.#items.slice(this.#taken);
    this.#taken = 0;
  }
}
