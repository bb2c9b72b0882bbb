import { type Rule, wholeNumber } from "../arguments/index.ts";

/** How large the head of a request or a response may be (RFC 6455 section 10.4). */
export interface HeadLimits {
  /** Bytes up to and with the empty line that ends the head, 1 or more; 16,384 by default. */
  maxHeadBytes: number;
  /** Header field lines, 1 or more; 100 by default. */
  maxHeaders: number;
}

const DEFAULTS: Readonly<HeadLimits> = { maxHeadBytes: 16_384, maxHeaders: 100 };

const positive = wholeNumber(1, Number.MAX_SAFE_INTEGER);

/** A rule for each of the limits. */
export const HEAD_LIMIT_RULES = { maxHeadBytes: positive, maxHeaders: positive } as const satisfies Record<
  keyof HeadLimits,
  Rule
>;

/**
 * The limit that holds.
 *
 * @throws RangeError or TypeError unless it is a whole number from 1: NaN, for one, would mean no limit at all.
 */
export function headLimit(limits: Partial<HeadLimits>, name: keyof HeadLimits): number {
  const value = limits[name];
  return value === undefined ? DEFAULTS[name] : HEAD_LIMIT_RULES[name](value, name);
}
