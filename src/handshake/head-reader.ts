import { requestRefusal } from "./head-fault.ts";
import type { HeadLimits } from "./head-limits.ts";
import { type HeadFound, HeadScanner } from "./head-scanner.ts";
import type { Refusal } from "./refusals.ts";

/** What the reader knows after a chunk: null while more bytes are needed. */
export type HeadReading = HeadFound | Refusal | null;

/** Reads the head of a request, in chunks of any size. After a refusal it always returns that refusal. */
export class HeadReader {
  readonly #scanner: HeadScanner;

  /** @throws RangeError when a limit is not a positive integer. */
  constructor(limits: Partial<HeadLimits> = {}) {
    this.#scanner = new HeadScanner(limits);
  }

  /** Takes the next bytes. HEAD_BAD_BYTE and HEAD_TOO_LARGE come as soon as they are known. */
  push(chunk: Buffer): HeadReading {
    const reading = this.#scanner.push(chunk);
    return reading !== null && "rule" in reading ? requestRefusal(reading) : reading;
  }
}
