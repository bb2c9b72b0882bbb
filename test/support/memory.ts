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

/** How many bytes of ArrayBuffers are still held by what `make` returns, once all the rest is collected. */
export function bytesHeldBy(make: () => unknown): number {
  const before = arrayBufferBytes();
  const kept = [make()];
  const after = arrayBufferBytes();
  kept.pop();
  return after - before;
}

/** How many bytes of ArrayBuffers were made while `work` ran, at least: nothing is collected before it is read. */
export function bytesAllocatedBy(work: () => void): number {
  const before = arrayBufferBytes();
  work();
  return process.memoryUsage().arrayBuffers - before;
}
