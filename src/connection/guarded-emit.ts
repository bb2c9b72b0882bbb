import { EventEmitter } from "node:events";
import { throwLater } from "../uncaught.ts";

const { emit } = EventEmitter.prototype;

/**
 * Emits an event of the library. A listener's exception is the application's: it must neither break the work at hand nor
 * go unnoticed, so it is rethrown as an uncaught one. The emitter's own property `emit`, if the application has set one,
 * is not called.
 *
 * @returns whether somebody listened
 */
export function emitGuarded<Events extends Record<keyof Events, unknown[]>, K extends keyof Events & string>(
  emitter: EventEmitter<Events>,
  event: K,
  ...args: Events[K]
): boolean {
  try {
    return Reflect.apply(emit, emitter, [event, ...args]);
  } catch (error) {
    return onThrown(emitter, error);
  }
}

/** The same for the most frequent event, without a list of arguments. */
export function emitMessage(emitter: EventEmitter, message: string | Buffer): boolean {
  try {
    return emit.call(emitter, "message", message);
  } catch (error) {
    return onThrown(emitter, error);
  }
}

/** @returns whether it was a listener that has thrown: node's own code does if the application has set `_events` to `null` */
function onThrown(emitter: object, error: unknown): boolean {
  if ("_events" in emitter && emitter._events === null) return false;
  throwLater(error);
  return true;
}
