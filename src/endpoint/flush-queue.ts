import { throwLater } from "../uncaught.ts";
import { isExiting } from "./exit-flush.ts";

/** Holds bytes back until the end of the tick. */
export interface Flushable {
  flush(): void;
}

/** Flushes everything that was filled in a tick at its end, for all endpoints together. */
export class FlushQueue {
  #waiting: Flushable[] = [];

  add(flushable: Flushable): void {
    if (isExiting()) flushable.flush();
    else if (this.#waiting.push(flushable) === 1) process.nextTick(flushAll, this);
  }

  takeAll(): readonly Flushable[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    return waiting;
  }
}

function flushAll(queue: FlushQueue): void {
  for (const flushable of queue.takeAll()) {
    try {
      flushable.flush();
    } catch (error) {
      // A transport of the application's own may throw: the others must not wait for it.
      throwLater(error);
    }
  }
}
