import { BASELINE } from "./baseline.mjs";
import { short } from "./figures.mjs";

/** The share by which two runs of the same code differ anyway, unless a suite has a `noise` of its own. */
const NOISE = 0.1;

function percent(share) {
  return `${Math.round(share * 100)} %`;
}

/**
 * Compares each case with the earlier version that was measured in the same rounds. A kept result would not do: it comes
 * from another machine, and even the ratio to a plain socket differs between processors.
 *
 * @returns {{ name: string, noise: number, regression: string | null }[]} for each case the share by which it may differ
 *   by chance, and a line about the regression if it is worse by more
 */
export function compareWithBaseline({ name: suite, unit, noise = NOISE }, rows) {
  return rows.map(({ case: name, peers: { tautline, [BASELINE]: baseline } }) => {
    const { median, uncertainty } = baseline.timesTautline;
    const allowed = Math.max(noise, uncertainty);
    const [is, was] = [tautline, baseline].map(({ value }) => `${short(value.median)} ${unit}`);
    const line = `${suite}, ${name}: ${is} instead of ${was} (noise ${percent(allowed)})`;
    return {
      name: `${suite}, ${name}`,
      noise: allowed,
      regression: median < 1 - allowed ? line : null,
    };
  });
}

/** The lines in which the result of a check is reported. */
export function verdict(compared) {
  const regressions = compared.flatMap(({ regression }) => regression ?? []);
  const noisiest = compared.reduce((most, each) => (each.noise > most.noise ? each : most));
  if (regressions.length > 0) return ["Worse than the baseline:", ...regressions.map((line) => `  ${line}`)];
  return [`Nothing is worse beyond noise, which was at most ${percent(noisiest.noise)} (${noisiest.name}).`];
}
