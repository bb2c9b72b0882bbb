import type { Deadline } from "../deadline.ts";
import type { ConnectionError } from "./connection-error.ts";
import { ConnectionLosses } from "./connection-losses.ts";

/** Errors that are no failure: the connection ended, and only the close event reports them. */
const ENDINGS: ReadonlySet<string> = new Set([
  ConnectionLosses.TERMINATED.code,
  ConnectionLosses.CUT_OFF.code,
  ConnectionLosses.CLOSE_TIMEOUT.code,
]);

/** Whether the error is a failure of the connection (RFC 6455 section 7.1.7), and not only the way in which it ended. */
export function isFailure(error: ConnectionError): boolean {
  return !ENDINGS.has(error.code);
}

/** What is known of the end of a connection, made when it begins to end: most connections of a server are open. */
export class Ending {
  /** The first error. */
  error: ConnectionError | null = null;
  /** The error of the transport. */
  transportError: Error | null = null;
  /** Whether no message follows. */
  isInputEnded = false;
  #deadline: Deadline | null = null;

  /** Starts the time limit of the closing handshake, unless it runs already. */
  limit(start: () => Deadline): void {
    this.#deadline ??= start();
  }

  cancelLimit(): void {
    this.#deadline?.cancel();
    this.#deadline = null;
  }
}
