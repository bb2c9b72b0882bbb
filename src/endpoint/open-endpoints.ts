import { type FlushedAtExit, joinExit, leaveExit } from "./exit-flush.ts";
import type { Sweepable } from "./keep-alive-sweep.ts";

/** What a group does with its open endpoints. */
export interface OpenEndpoint extends Sweepable, FlushedAtExit {}

/** Learns when there are endpoints. */
export interface OpenEndpointsListener {
  onFirst(): void;
  /** Called each time that the last endpoint has closed. */
  onLastGone(): void;
}

/** The endpoints of a group that are not closed, with their faces. */
export class OpenEndpoints<Face> {
  readonly #endpoints = new Map<Face, OpenEndpoint>();
  readonly #listener: OpenEndpointsListener;
  /** The faces, as a set that cannot be changed. */
  readonly faces: ReadonlySet<Face> = new KeySet(this.#endpoints);

  constructor(listener: OpenEndpointsListener) {
    this.#listener = listener;
  }

  add(endpoint: OpenEndpoint, face: Face): void {
    if (this.#endpoints.size === 0) {
      joinExit(this);
      this.#listener.onFirst();
    }
    this.#endpoints.set(face, endpoint);
  }

  delete(face: Face): void {
    if (!this.#endpoints.delete(face) || this.#endpoints.size > 0) return;
    leaveExit(this);
    this.#listener.onLastGone();
  }

  [Symbol.iterator](): MapIterator<OpenEndpoint> {
    return this.#endpoints.values();
  }
}

/** The keys of a map as a set. A second set would cost some 30 bytes for each of them. */
class KeySet<Key> implements ReadonlySet<Key> {
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

  /** What `console.log` shows. */
  [Symbol.for("nodejs.util.inspect.custom")](): Set<Key> {
    return new Set(this.#map.keys());
  }
}
