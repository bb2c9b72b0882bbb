import { type Rule, wholeNumber } from "../arguments/index.ts";

/** How large the head of a message may be (RFC 9110 sections 2.3 and 5.4). */
export interface HeadLimits {
  /** The length of the head in bytes, including the empty line that ends it: 1 or more; 16,384 by default. */
  maxHeadBytes: number;
  /** The number of header field lines: 1 or more; 100 by default. */
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
 * The limit that applies.
 *
 * @throws RangeError or TypeError unless it is a whole number of at least 1: NaN, for example, would disable the limit
 */
export function headLimit(limits: Partial<HeadLimits>, name: keyof HeadLimits): number {
  const value = limits[name];
  return value === undefined ? DEFAULTS[name] : HEAD_LIMIT_RULES[name](value, name);
}
