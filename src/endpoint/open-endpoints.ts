import { type FlushedAtExit, joinExit, leaveExit } from "./exit-flush.ts";
import type { Sweepable } from "./keep-alive-sweep.ts";
import { KeySet } from "./key-set.ts";

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
