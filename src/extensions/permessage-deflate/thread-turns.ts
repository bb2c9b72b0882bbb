import { Fifo } from "../../fifo.ts";

/** As many as libuv has threads by default: more at once would not be faster, and each holds its memory. */
const MOST_AT_ONCE = 4;

let running = 0;
const waiting = new Fifo<() => void>();

/**
 * Does work that takes zlib's threads when it is its turn, so that what is under way at once is bounded.
 *
 * @param isWanted asked when its turn has come: a connection that has closed meanwhile needs it no more
 * @throws Error, by the promise, where it was not wanted
 */
export async function inTurn<Result>(work: () => Promise<Result>, isWanted: () => boolean): Promise<Result> {
  if (running < MOST_AT_ONCE) running++;
  else await new Promise<void>((resolve) => waiting.put(resolve));
  try {
    if (!isWanted()) throw new Error("the connection has closed before it was its turn");
    return await work();
  } finally {
    // Whoever waits takes over the place.
    const next = waiting.take();
    if (next === undefined) running--;
    else next();
  }
}
