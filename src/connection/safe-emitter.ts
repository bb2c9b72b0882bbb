import { EventEmitter } from "node:events";

/**
 * An emitter for a library's own events. A listener's exception is the application's: it must neither break what is
 * being done nor go unseen, so it is thrown again where uncaught ones go.
 */
export class SafeEmitter<Events extends Record<keyof Events, unknown[]>> extends EventEmitter<Events> {
  /** @returns whether somebody listened @internal */
  tell<K extends keyof Events & string>(event: K, ...args: Events[K]): boolean {
    try {
      // EventEmitter's own types cannot tell that the arguments are those of the event.
      return this.emit(event as never, ...(args as never));
    } catch (error) {
      throwLater(error);
      return true;
    }
  }
}

export function throwLater(error: unknown): void {
  process.nextTick(() => {
    throw error;
  });
}

/** Runs code that may call the application. An exception is rethrown as an uncaught one. */
export function runGuarded(action: () => void): void {
  try {
    action();
  } catch (error) {
    throwLater(error);
  }
}
