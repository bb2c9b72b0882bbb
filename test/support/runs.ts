/** The default number of runs of a property: the environment variable FC_RUNS, or 100. */
export const RUNS = runsFrom(process.env["FC_RUNS"]);

/**
 * The runs of a property that is cheaper or more expensive than others, or has more cases.
 *
 * @param share of `RUNS`, such as 0.5 for half as many
 */
export function runs(share: number): number {
  return Math.ceil(RUNS * share);
}

/** @throws RangeError for anything but a whole number from 1 */
export function runsFrom(value: string | undefined): number {
  if (value === undefined || value === "") return 100;
  const number = Number(value);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new RangeError(`FC_RUNS must be a whole number from 1, not ${value}`);
}
