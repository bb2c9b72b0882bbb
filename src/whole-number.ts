/**
 * Checks a whole number that somebody has set.
 *
 * @param name the option's, for the error
 * @throws RangeError naming the option, what it was and what it may be
 */
export function wholeNumber(name: string, value: unknown, fallback: number, lowest: number, highest: number): number {
  if (value === undefined) return fallback;
  if (Number.isSafeInteger(value) && (value as number) >= lowest && (value as number) <= highest) {
    return value as number;
  }
  throw new RangeError(`${name} must be a whole number from ${lowest} to ${highest}, not ${String(value)}`);
}
