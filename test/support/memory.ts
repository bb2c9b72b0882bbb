import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
/** Collects everything that nobody holds. What a WeakRef has shown lives on until the end of the turn. */
export const collectGarbage = runInNewContext("gc") as () => void;

function arrayBufferBytes(): number {
  collectGarbage();
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
}

/** The bytes of ArrayBuffers that the result of `make` still holds when all the rest is collected. */
export function bytesHeldBy(make: () => unknown): number {
  const before = arrayBufferBytes();
  const kept = [make()];
  const after = arrayBufferBytes();
  kept.pop();
  return after - before;
}

/** The minimum of bytes of ArrayBuffers that were made while `work` ran: nothing is collected before they are counted. */
export function bytesAllocatedBy(work: () => void): number {
  const before = arrayBufferBytes();
  work();
  return process.memoryUsage().arrayBuffers - before;
}
