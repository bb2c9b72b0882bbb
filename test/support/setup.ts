/** The common setup of all tests; it runs before each test file. */
import fc from "fast-check";
import { expect, vi } from "vitest";
import { RUNS } from "./runs.ts";

// Files share a process: one may have failed before it restored the timers.
vi.useRealTimers();

fc.configureGlobal({ numRuns: RUNS });

// The usual comparison, element by element, takes half a second for a Buffer of 100 KB.
expect.addEqualityTesters([
  (one, other) => (Buffer.isBuffer(one) && Buffer.isBuffer(other) ? one.equals(other) : undefined),
]);
