/** The rules of the WHATWG standard, section "Garbage collection", about the listeners of a WebSocket. */
import { getEventListeners } from "node:events";
import { ReadyState } from "./ready-state.ts";

/** The events that a script may still hear, in each ready state. */
const AUDIBLE: Readonly<Record<ReadyState, readonly string[]>> = {
  [ReadyState.CONNECTING]: ["open", "message", "error", "close"],
  [ReadyState.OPEN]: ["message", "error", "close"],
  [ReadyState.CLOSING]: ["error", "close"],
  [ReadyState.CLOSED]: [],
};

/** Whether the socket "must not be garbage collected", since somebody listens for an event that may still come. */
export function isAudible(socket: EventTarget, readyState: ReadyState): boolean {
  // node would ask a method of this name, which only an application's own class can have.
  if ("listeners" in socket) return true;
  return AUDIBLE[readyState].some((type) => hasListener(socket, type));
}

/** @returns `true` if node cannot tell, since a test environment such as jsdom has replaced the global EventTarget */
function hasListener(socket: EventTarget, type: string): boolean {
  try {
    return getEventListeners(socket, type).length > 0;
  } catch {
    return true;
  }
}

/** Learns that its socket was collected. */
export interface CollectionListener {
  onCollected(): void;
}

const registry = new FinalizationRegistry<CollectionListener>((listener) => listener.onCollected());

/** Reports when the socket has been collected, until `unwatchCollection`. The listener must not hold the socket. */
export function watchCollection(socket: object, listener: CollectionListener): void {
  registry.register(socket, listener, listener);
}

export function unwatchCollection(listener: CollectionListener): void {
  registry.unregister(listener);
}
