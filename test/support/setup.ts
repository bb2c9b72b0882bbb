/** What holds for all tests; it runs before each test file. */
import fc from "fast-check";
import { expect, vi } from "vitest";
import { RUNS } from "./runs.ts";

// Files share a process: one may have failed before it gave the timers back.
vi.useRealTimers();

fc.configureGlobal({ numRuns: RUNS });

// Element by element, as others are compared, a Buffer of 100 KB takes half a second.
expect.addEqualityTesters([
  (one, other) => (Buffer.isBuffer(one) && Buffer.isBuffer(other) ? one.equals(other) : undefined),
]);
