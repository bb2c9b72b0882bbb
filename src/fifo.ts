/** The memory that an entry takes besides its item, in bytes. Counting it also bounds a flood of empty messages. */
export const ENTRY_COST = 64;
/** The number of taken entries at the front of the queue from which on they are cut off. */
const COMPACT_FROM = 256;

/** A first-in, first-out queue. Unlike `Array.shift`, taking an item costs the same at any length. */
export class Fifo<Item extends object | string> {
  #items: (Item | undefined)[] = [];
  #taken = 0;

  get isEmpty(): boolean {
    return this.#taken === this.#items.length;
  }

  put(item: Item): void {
    this.#items.push(item);
  }

  /** @returns `undefined` if the queue is empty */
  take(): Item | undefined {
    const item = this.#items[this.#taken];
    if (item === undefined) return undefined;
    this.#items[this.#taken++] = undefined;
    if (this.isEmpty) this.clear();
    else if (this.#taken >= COMPACT_FROM && this.#taken * 2 >= this.#items.length) this.#compact();
    return item;
  }

  /** Drops the items for which `passes` returns false. */
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
