import { type OptionsForm, type Rule, readOptions, wholeNumber } from "../../arguments/index.ts";
import { ContextPool, type PoolStatistics } from "./context-pool.ts";
import type { DeflateConfig } from "./deflate-rules.ts";
import { Deflater } from "./deflater.ts";
import { type DeflateParameters, directZlibWorks } from "./direct-zlib.ts";
import { Inflater } from "./inflater.ts";
import { StatelessDeflater } from "./stateless-deflater.ts";
import { TurnBudget } from "./turn-budget.ts";

/** A deflater takes about 112 KiB for short messages, 260 KiB for long ones, an inflater about 75 KiB. */
const MOST_DEFLATERS = 128;
const MOST_INFLATERS = 128;

/** How the contexts of the process are used; see {@link deflateStatistics}. */
export interface DeflateStatistics {
  readonly deflaters: PoolStatistics;
  readonly inflaters: PoolStatistics;
}

/** How many contexts there may be; what is left out stays as it is. */
export interface DeflateLimits {
  /** From 1; 128 at first. */
  readonly maxDeflaters?: number | undefined;
  /** From 1; 128 at first. */
  readonly maxInflaters?: number | undefined;
}

export interface ContextOptions extends DeflateLimits {
  /** Whether small messages are worked on at once, which takes more of zlib than is public. */
  readonly direct?: boolean;
  /** The budgets for inflating and deflating synchronously in one turn of the event loop. */
  readonly inflating?: TurnBudget;
  readonly deflating?: TurnBudget;
}

/** The zlib contexts and the time to work with them, which all connections share. */
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

  /** The same for all who compress in the same way. */
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

const atLeastOne = wholeNumber(1, Number.MAX_SAFE_INTEGER);

const LIMITS = {
  owner: "limitDeflateContexts()",
  rules: { maxDeflaters: atLeastOne, maxInflaters: atLeastOne } as const satisfies Record<keyof DeflateLimits, Rule>,
} satisfies OptionsForm<Record<string, Rule>>;

/**
 * Sets how many zlib contexts the process may hold for its compressed connections. Connections that are busy at the
 * same time use them in turn: with fewer contexts than connections each message costs more and compresses less.
 *
 * @throws RangeError or TypeError naming the limit that is not a whole number from 1, TypeError for a name that is not
 *   a limit. No limit changes then
 */
export function limitDeflateContexts(limits: DeflateLimits): void {
  const { deflaters, inflaters } = commonContexts;
  const { maxDeflaters = deflaters.limit, maxInflaters = inflaters.limit } = readOptions(limits, LIMITS);
  deflaters.limit = maxDeflaters;
  inflaters.limit = maxInflaters;
}
