import { Fifo } from "../../fifo.ts";
import { ensureWanted } from "./wanted.ts";

/** As many as libuv has threads by default: more at once would not be faster, and each holds its memory. */
const MOST_AT_ONCE = 4;

let running = 0;
const waiting = new Fifo<() => void>();

/**
 * Does work in zlib's threads once one of the process's slots is free, so that the number of concurrent jobs is
 * bounded. The slot is held until the work's promise is settled.
 *
 * @param isWanted see {@link ensureWanted}; asked when the slot is free
 */
export async function inThreadSlot<Result>(work: () => Promise<Result>, isWanted: () => boolean): Promise<Result> {
  if (running < MOST_AT_ONCE) running++;
  else await new Promise<void>((resolve) => waiting.put(resolve));
  try {
    ensureWanted(isWanted);
    return await work();
  } finally {
    // The next one in the queue takes over the slot.
    const next = waiting.take();
    if (next === undefined) running--;
    else next();
  }
}
