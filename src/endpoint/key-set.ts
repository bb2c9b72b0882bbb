/**
 * The keys of a map as a set that cannot be changed. It has the methods of the platform's sets; a set of its own beside
 * the map would cost some 30 bytes for each key.
 */
export class KeySet<Key> implements ReadonlySet<Key> {
  readonly #map: ReadonlyMap<Key, unknown>;

  constructor(map: ReadonlyMap<Key, unknown>) {
    this.#map = map;
  }

  get size(): number {
    return this.#map.size;
  }

  has(key: Key): boolean {
    return this.#map.has(key);
  }

  keys(): MapIterator<Key> {
    return this.#map.keys();
  }

  values(): MapIterator<Key> {
    return this.#map.keys();
  }

  *entries(): SetIterator<[Key, Key]> {
    for (const key of this.#map.keys()) yield [key, key];
  }

  forEach(callback: (value: Key, key: Key, set: ReadonlySet<Key>) => void, thisArg?: unknown): void {
    for (const key of this.#map.keys()) Reflect.apply(callback, thisArg, [key, key, this]);
  }

  [Symbol.iterator](): MapIterator<Key> {
    return this.#map.keys();
  }

  get [Symbol.toStringTag](): string {
    return "Set";
  }

  /** What `console.log` shows. */
  [Symbol.for("nodejs.util.inspect.custom")](): Set<Key> {
    return new Set(this.#map.keys());
  }
}

/** Methods of sets that node has from version 22 on. */
const COMBINATIONS = [
  ...["union", "intersection", "difference", "symmetricDifference"],
  ...["isSubsetOf", "isSupersetOf", "isDisjointFrom"],
];

for (const name of COMBINATIONS) {
  const combine: unknown = Reflect.get(Set.prototype, name);
  if (typeof combine !== "function") continue;
  const value = function combined(this: KeySet<unknown>, other: unknown): unknown {
    return Reflect.apply(combine, new Set(this), [other]);
  };
  Object.defineProperty(KeySet.prototype, name, { value, writable: true, configurable: true });
}
