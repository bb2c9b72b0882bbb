import { type OptionsForm, type Rule, readOptions, wholeNumber } from "../../arguments/index.ts";
import { ContextPool, type PoolStatistics } from "./context-pool.ts";
import type { DeflateConfig } from "./deflate-rules.ts";
import { Deflater } from "./deflater.ts";
import { type DeflateParameters, directZlibWorks } from "./direct-zlib.ts";
import { Inflater } from "./inflater.ts";
import { StatelessDeflater } from "./stateless-deflater.ts";
import { TurnBudget } from "./turn-budget.ts";

/** A deflater takes about 112 KiB, or 260 KiB after a long message; an inflater takes about 75 KiB. */
const MOST_DEFLATERS = 128;
const MOST_INFLATERS = 128;

/** The use of the zlib contexts of the process, as {@link deflateStatistics} returns it. */
export interface DeflateStatistics {
  /** The contexts that compress. */
  readonly deflaters: PoolStatistics;
  /** The contexts that decompress. */
  readonly inflaters: PoolStatistics;
}

/** The most zlib contexts of the process. A limit that is left out does not change. */
export interface DeflateLimits {
  /** The most contexts that compress, from 1. Initially 128. */
  readonly maxDeflaters?: number | undefined;
  /** The most contexts that decompress, from 1. Initially 128. */
  readonly maxInflaters?: number | undefined;
}

/** The options of {@link DeflateContexts}. */
export interface ContextOptions extends DeflateLimits {
  /** Whether short messages are processed synchronously, by parts of node:zlib that are not public. */
  readonly direct?: boolean;
  /** Bounds the synchronous decompression in one turn of the event loop. */
  readonly inflating?: TurnBudget;
  /** Bounds the synchronous compression in one turn of the event loop. */
  readonly deflating?: TurnBudget;
}

/** The zlib contexts and the budgets of synchronous work that connections have in common. */
export class DeflateContexts {
  readonly direct: boolean;
  readonly inflating: TurnBudget;
  readonly deflating: TurnBudget;
  readonly deflaters: ContextPool<Deflater, DeflateParameters>;
  readonly inflaters: ContextPool<Inflater, number>;
  readonly #statelessDeflaters = new Map<string, StatelessDeflater>();

  constructor(options: ContextOptions = {}) {
    const { maxDeflaters = MOST_DEFLATERS, maxInflaters = MOST_INFLATERS, direct = directZlibWorks } = options;
    this.direct = direct;
    this.inflating = options.inflating ?? new TurnBudget();
    this.deflating = options.deflating ?? new TurnBudget();
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

  /** Returns the same deflater for all connections that compress in the same way. */
  statelessDeflater({ level, memLevel, threshold, encodeWindowBits }: DeflateConfig): StatelessDeflater {
    const key = `${level} ${memLevel} ${threshold} ${encodeWindowBits}`;
    let deflater = this.#statelessDeflaters.get(key);
    if (deflater === undefined) {
      const config = { level, memLevel, threshold, encodeWindowBits };
      deflater = new StatelessDeflater(config, this.deflaters, this.deflating, this.direct);
      this.#statelessDeflaters.set(key, deflater);
    }
    return deflater;
  }

  /** The use of the contexts so far. */
  get statistics(): DeflateStatistics {
    return { deflaters: this.deflaters.statistics, inflaters: this.inflaters.statistics };
  }
}

/** The contexts of all connections of the process. */
export const processContexts = new DeflateContexts();

/**
 * Reports how many zlib contexts the process holds for permessage-deflate, and how well they are used.
 *
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { deflateStatistics } from "tautline/extensions";
 *
 * const { size, limit, hits, misses } = deflateStatistics().deflaters;
 * assert.ok(size <= limit);
 * assert.ok(size <= hits + misses);
 * ```
 */
export function deflateStatistics(): DeflateStatistics {
  return processContexts.statistics;
}

const atLeastOne = wholeNumber(1, Number.MAX_SAFE_INTEGER);

const LIMITS = {
  owner: "limitDeflateContexts()",
  rules: { maxDeflaters: atLeastOne, maxInflaters: atLeastOne } as const satisfies Record<keyof DeflateLimits, Rule>,
} satisfies OptionsForm<Record<string, Rule>>;

/**
 * Sets how many zlib contexts the process may hold for permessage-deflate. If more connections than contexts are busy
 * at the same time, their messages cost more CPU and compress less. A deflater takes up to 260 KiB, an inflater 75 KiB.
 *
 * @throws RangeError or TypeError OPTION_INVALID for a limit that is not a whole number from 1, TypeError
 *   OPTION_UNKNOWN for another name. No limit changes then
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { deflateStatistics, limitDeflateContexts } from "tautline/extensions";
 *
 * limitDeflateContexts({ maxDeflaters: 512, maxInflaters: 256 });
 * const { deflaters, inflaters } = deflateStatistics();
 * assert.deepEqual([deflaters.limit, inflaters.limit], [512, 256]);
 * ```
 */
export function limitDeflateContexts(limits: DeflateLimits): void {
  const { deflaters, inflaters } = processContexts;
  const { maxDeflaters = deflaters.limit, maxInflaters = inflaters.limit } = readOptions(limits, LIMITS);
  deflaters.limit = maxDeflaters;
  inflaters.limit = maxInflaters;
}
