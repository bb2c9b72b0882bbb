import { watchAbort } from "../node/abort-watch.ts";

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
  /** Stops watching the signal. */
  readonly unwatch: () => void;
}

const NOTHING = () => {};

/** Callers that wait for one event of a connection, each of them for as long as its signal allows. */
export class Waiters {
  readonly #waiting = new Set<Waiter>();

  /** @returns a promise that is rejected with the signal's reason if the signal is aborted first */
  wait(signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#waiting.delete(waiter);
        reject(signal?.reason);
      };
      const unwatch = signal === undefined ? NOTHING : watchAbort(signal, onAbort);
      const waiter: Waiter = { resolve, reject, unwatch };
      this.#waiting.add(waiter);
    });
  }

  /** The event has come. */
  resolveAll(): void {
    for (const { resolve } of this.#takeAll()) resolve();
  }

  /** The event never comes. */
  rejectAll(error: Error): void {
    for (const { reject } of this.#takeAll()) reject(error);
  }

  #takeAll(): readonly Waiter[] {
    const all = [...this.#waiting];
    this.#waiting.clear();
    for (const { unwatch } of all) unwatch();
    return all;
  }
}
