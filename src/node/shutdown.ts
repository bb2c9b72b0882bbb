import { setImmediate as nextTurn } from "node:timers/promises";
import { Deadline } from "../deadline.ts";
import { CloseCode } from "../framing/index.ts";
import { watchAbort } from "./abort-watch.ts";

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

/** How long the connections may take to close. */
export interface Patience {
  /** Milliseconds. */
  readonly timeout: number;
  /** Ends the wait before when it is aborted. */
  readonly signal: AbortSignal | undefined;
}

/** A destroyed socket emits 'close' within two turns, a TLS socket after the TCP socket below it. */
const TURNS_UNTIL_CLOSED = 10;

/** Closes the connections of a server. When the patience is over, the remaining ones are ended at once. */
export async function shutDown({ connections, sockets, gone }: ShutdownParts, patience: Patience): Promise<void> {
  let isGone = false;
  const ended = gone.then(() => {
    isGone = true;
  });
  connections.closeAll(CloseCode.GoingAway, "the server is closing");
  await settledWithin(patience, ended);
  if (isGone) return;
  connections.terminateAll();
  sockets.destroyAll();
  // A Duplex of the application's own may never close. That must not delay the server's end.
  for (let turn = 0; !isGone && turn < TURNS_UNTIL_CLOSED; turn++) await nextTurn();
}

function settledWithin({ timeout, signal }: Patience, promise: Promise<void>): Promise<void> {
  if (signal?.aborted === true) return Promise.resolve();
  return new Promise((resolve) => {
    const unwatch = signal === undefined ? () => {} : watchAbort(signal, () => stop());
    const deadline = new Deadline(timeout, () => stop());
    const stop = () => {
      deadline.cancel();
      unwatch();
      resolve();
    };
    void promise.then(stop);
  });
}
