export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
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
