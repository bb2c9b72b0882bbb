/** The peers whose ratio to ours is watched: others change with their own releases. */
const REFERENCES = ["net", "ws"];
/** What one run may differ from the next by itself. */
const NOISE = 0.15;

/** How far a ratio strays within its own rounds, as a part of it. */
function spread({ median, least, greatest }) {
  return Math.max(greatest - median, median - least) / median;
}

/**
 * Holds new rows against those that were kept: a ratio that has become smaller means that we cost more.
 *
 * @returns a line for each that is smaller beyond noise
 */
export function regressions(suiteName, rows, keptRows) {
  return rows.flatMap(({ case: name, peers }) => {
    const kept = keptRows.find((row) => row.case === name)?.peers ?? {};
    return REFERENCES.filter((peer) => peers[peer] !== undefined && kept[peer] !== undefined).flatMap((peer) => {
      const [now, before] = [peers[peer].timesTautline, kept[peer].timesTautline];
      const allowed = Math.max(NOISE, spread(now), spread(before));
      if (now.median >= before.median * (1 - allowed)) return [];
      const [is, was] = [now.median, before.median].map((ratio) => ratio.toFixed(2));
      return [
        `${suiteName}, ${name}: ${peer} costs ${is} times ours, was ${was} (noise ${Math.round(allowed * 100)} %)`,
      ];
    });
  });
}
