import { type FlushedAtExit, joinExit, leaveExit } from "./exit-flush.ts";
import type { Sweepable } from "./keep-alive-sweep.ts";

/** Notified when there are endpoints. */
export interface OpenEndpointsListener {
  onFirst(): void;
  /** Called each time that the last endpoint has closed. */
  onLastGone(): void;
}

/** The endpoints of a group that are not closed, with their faces. */
export class OpenEndpoints<Face> {
  readonly #endpoints = new Set<Sweepable & FlushedAtExit>();
  readonly #faces = new Set<Face>();
  readonly #listener: OpenEndpointsListener;

  constructor(listener: OpenEndpointsListener) {
    this.#listener = listener;
  }

  get faces(): ReadonlySet<Face> {
    return this.#faces;
  }

  add(endpoint: Sweepable & FlushedAtExit, face: Face): void {
    if (this.#endpoints.size === 0) {
      joinExit(this.#endpoints);
      this.#listener.onFirst();
    }
    this.#endpoints.add(endpoint);
    this.#faces.add(face);
  }

  delete(endpoint: Sweepable & FlushedAtExit, face: Face): void {
    this.#faces.delete(face);
    if (!this.#endpoints.delete(endpoint) || this.#endpoints.size > 0) return;
    leaveExit(this.#endpoints);
    this.#listener.onLastGone();
  }

  [Symbol.iterator](): IterableIterator<Sweepable> {
    return this.#endpoints.values();
  }
}
