/** The events that a socket fires, apart from messages. */
import type { ConnectionError } from "../endpoint/connection-error.ts";
import type { CloseStatus } from "../framing/index.ts";
import type { ConnectError } from "../node/connect-error.ts";
import { CloseEvent } from "./close-event.ts";

/**
 * The event `"error"` of a `WebSocket`: a plain `Event`, as the WHATWG standard has it, with one property more.
 *
 * Browsers keep the reason from scripts, since a page could use it to explore the network of its reader. A program in node
 * is no stranger to its network, and has to log why it has no connection.
 */
export interface WebSocketErrorEvent extends Event {
  /**
   * Why the socket could not be opened or was cut off: a `ConnectError` or a `ConnectionError`, or the error of
   * `tls.connect` about its options. Not part of the standard.
   */
  readonly error?: ConnectError | ConnectionError | Error | undefined;
}

// The class that fits the EventTarget of the sockets: a test environment such as jsdom may replace the global one later.
const PlainEvent = Event;

export function openEvent(): Event {
  return trusted(new PlainEvent("open"));
}

export function errorEvent(error: Error): Event {
  return Object.defineProperty(trusted(new PlainEvent("error")), "error", { value: error });
}

export function closeEvent({ code, reason }: CloseStatus, wasClean: boolean): Event {
  return trusted(new CloseEvent("close", { wasClean, code, reason }));
}

/** Marks an event as one that the user agent has fired (the DOM standard, "fire an event"), if its class allows it. */
function trusted(event: Event): Event {
  Reflect.defineProperty(event, "isTrusted", { value: true, enumerable: true });
  return event;
}
