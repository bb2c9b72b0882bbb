import { isExiting } from "./exit-flush.ts";
import { throwLater } from "./safe-emitter.ts";

/** Something that holds bytes back until the current turn of the event loop has done its work. */
export interface Flushable {
  flush(): void;
}

/** Flushes once at the end of the tick what was filled in it, for all connections of a server together. */
export class FlushQueue {
  #waiting: Flushable[] = [];

  add(flushable: Flushable): void {
    if (isExiting()) flushable.flush();
    else if (this.#waiting.push(flushable) === 1) process.nextTick(flushAll, this);
  }

  /** @internal */
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
      // A transport of the application's own may throw: the others are not to wait for it.
      throwLater(error);
    }
  }
}
