import { ContextPool, type PoolStatistics } from "./context-pool.ts";
import { Deflater } from "./deflater.ts";
import { type DeflateParameters, directZlibWorks } from "./direct-zlib.ts";
import { Inflater } from "./inflater.ts";

/** With the largest window a deflater takes about 260 KiB, an inflater about 75 KiB. */
const MOST_DEFLATERS = 64;
const MOST_INFLATERS = 128;

/** How the contexts of the process are used; see {@link deflateStatistics}. */
export interface DeflateStatistics {
  readonly deflaters: PoolStatistics;
  readonly inflaters: PoolStatistics;
}

/** How many contexts there may be, and whether they are driven directly. */
export interface ContextLimits {
  readonly maxDeflaters?: number;
  readonly maxInflaters?: number;
  /** Whether small messages are worked on at once, which takes more of zlib than is public. */
  readonly direct?: boolean;
}

/** The zlib contexts that connections share. */
export class DeflateContexts {
  readonly direct: boolean;
  readonly deflaters: ContextPool<Deflater, DeflateParameters>;
  readonly inflaters: ContextPool<Inflater, number>;
  #turn = 0;
  #turnNoted = false;

  constructor(limits: ContextLimits = {}) {
    const { maxDeflaters = MOST_DEFLATERS, maxInflaters = MOST_INFLATERS, direct = directZlibWorks } = limits;
    this.direct = direct;
    this.deflaters = new ContextPool(
      maxDeflaters,
      ({ level, memLevel, windowBits }) => (level * 16 + memLevel) * 16 + windowBits,
      (parameters) => new Deflater(parameters),
    );
    this.inflaters = new ContextPool(
      maxInflaters,
      (windowBits) => windowBits,
      (windowBits) => new Inflater(windowBits),
    );
  }

  /** A number that changes with each turn of the event loop. */
  get turn(): number {
    if (!this.#turnNoted) {
      this.#turnNoted = true;
      setImmediate(() => {
        this.#turnNoted = false;
        this.#turn++;
      });
    }
    return this.#turn;
  }

  get statistics(): DeflateStatistics {
    return { deflaters: this.deflaters.statistics, inflaters: this.inflaters.statistics };
  }
}

/** The contexts of all connections of the process. */
export const commonContexts = new DeflateContexts();

/** How many zlib contexts the process holds for its compressed connections, and how well they are used. */
export function deflateStatistics(): DeflateStatistics {
  return commonContexts.statistics;
}
