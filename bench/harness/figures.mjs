export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The value below which this share of the values lies, between two of them if need be. */
function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return low + (high - low) * (at - Math.floor(at));
}

/**
 * How far the median may be from that of infinitely many measurements: about 2.5 standard errors, from the interquartile
 * range. Unlike the range it ignores single disturbed rounds, and more rounds make it smaller.
 */
export function uncertaintyOfMedian(values) {
  return (2 * (quantile(values, 0.75) - quantile(values, 0.25))) / Math.sqrt(values.length);
}

/** The median, the least and the greatest of repeated measurements. */
export function summary(values) {
  return { median: median(values), least: Math.min(...values), greatest: Math.max(...values) };
}

/** A number with about three significant digits. */
export function short(value) {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** "4.10 (3.90-4.60)" */
export function shown({ median: middle, least, greatest }) {
  return `${short(middle)} (${short(least)}-${short(greatest)})`;
}

/** A Markdown table that is aligned as plain text, too. */
export function table(head, rows) {
  const all = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column].length)));
  const line = (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |`;
  const [first, ...rest] = all;
  return [line(first), `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`, ...rest.map(line)].join("\n");
}
