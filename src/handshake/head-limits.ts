/** How large the head of a request or a response may be (RFC 6455 section 10.4). */
export interface HeadLimits {
  /** Bytes up to and with the empty line that ends the head, 1 or more; 16,384 unless told. */
  maxHeadBytes: number;
  /** Header field lines, 1 or more; 100 unless told. */
  maxHeaders: number;
}

const DEFAULTS: Readonly<HeadLimits> = { maxHeadBytes: 16_384, maxHeaders: 100 };

/**
 * The limit that holds.
 *
 * @throws RangeError when it is not a positive integer: NaN, for one, would mean no limit at all.
 */
export function headLimit(limits: Partial<HeadLimits>, name: keyof HeadLimits): number {
  const value = limits[name] ?? DEFAULTS[name];
  if (!Number.isSafeInteger(value) || value < 1) throw new RangeError(`${name} must be a positive integer`);
  return value;
}
