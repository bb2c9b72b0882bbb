import { setImmediate as nextTurn } from "node:timers/promises";
import { Deadline } from "../deadline.ts";
import { CloseCode } from "../framing/index.ts";

/** The connections of a server. An exception of one must not keep the others from being closed. */
export interface ClosableConnections {
  /** Starts the closing handshake of each. */
  closeAll(code: number, reason: string): void;
  /** Ends each at once. */
  terminateAll(): void;
}

/** The parts of a server that are closed. */
export interface ShutdownParts {
  /** They are closed in order, and terminated when the time is over. */
  readonly connections: ClosableConnections;
  /** All other sockets: they are destroyed when the time is over. */
  readonly sockets: { destroyAll(): void };
  /** Fulfilled once all of them are gone, and nothing listens any more. */
  readonly gone: Promise<unknown>;
}

/** A destroyed socket emits 'close' within two turns, a TLS socket after the TCP socket below it. */
const TURNS_UNTIL_CLOSED = 10;

/**
 * Closes the connections of a server, and settles by the timeout in any case.
 *
 * @param timeout milliseconds until the remaining ones are ended at once
 */
export async function shutDown({ connections, sockets, gone }: ShutdownParts, timeout: number): Promise<void> {
  let isGone = false;
  const ended = gone.then(() => {
    isGone = true;
  });
  connections.closeAll(CloseCode.GoingAway, "the server is closing");
  await settledWithin(timeout, ended);
  if (isGone) return;
  connections.terminateAll();
  sockets.destroyAll();
  // A Duplex of the application's own may never close. That must not delay the server's end.
  for (let turn = 0; !isGone && turn < TURNS_UNTIL_CLOSED; turn++) await nextTurn();
}

function settledWithin(timeout: number, promise: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const deadline = new Deadline(timeout, resolve);
    void promise.then(() => {
      deadline.cancel();
      resolve();
    });
  });
}
