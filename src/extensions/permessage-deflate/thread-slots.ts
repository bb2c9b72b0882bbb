import { Fifo } from "../../fifo.ts";
import { ensureWanted } from "./wanted.ts";

/** The number of slots, as many as libuv has threads by default. More jobs would hold more memory and not be faster. */
const SLOTS = 4;

let running = 0;
const waiting = new Fifo<() => void>();

/**
 * Starts a job for zlib's threads once one of the slots of the process is free, in the order of the calls. The job
 * holds the slot until its promise is settled.
 *
 * @param isWanted see {@link ensureWanted}; called when the slot is free
 */
export async function inThreadSlot<Result>(work: () => Promise<Result>, isWanted: () => boolean): Promise<Result> {
  if (running < SLOTS) running++;
  else await new Promise<void>((resolve) => waiting.put(resolve));
  try {
    ensureWanted(isWanted);
    return await work();
  } finally {
    // The slot passes to the next job in the queue.
    const next = waiting.take();
    if (next === undefined) running--;
    else next();
  }
}
