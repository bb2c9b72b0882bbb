// What was to be reached, set before it was built.
import { short, table } from "./figures.mjs";
import { readCase } from "./results.mjs";
import { OWN } from "./run-suite.mjs";

/** Of a case: the CPU that we may use at most as a multiple of each peer's, or the figure itself (`self`). */
export const GOALS = [
  ["echo", "20 B binary, 16 in flight", { ws: 1 / 10, net: 1.1, bun: 1.1 }],
  ["echo", "20 B text, 16 in flight", { ws: 1 / 8 }],
  ["echo", "20 B binary, 1 in flight", { ws: 0.8, net: 1.05 }],
  ["echo", "1 KiB binary, 1 in flight", { ws: 0.8, net: 1.05 }],
  ["echo", "16 KiB binary, 1 in flight", { ws: 0.7, net: 1.2 }],
  ["echo", "16 KiB binary, 16 in flight", { ws: 0.7, net: 1.2 }],
  ["echo", "1 MiB binary, 1 in flight", { ws: 0.35, "ws+bufferutil": 1 }],
  ["echo", "1 MiB binary, 4 in flight", { ws: 0.35, "ws+bufferutil": 1 }],
  ["echo", "1 MiB text, 1 in flight", { ws: 0.35, "ws+bufferutil": 1 }],
  ["echo", "1 MiB text, 4 in flight", { ws: 0.35, "ws+bufferutil": 1 }],
  ["tls-echo", "20 B, 16 in flight", { ws: 0.4, net: 1.15 }],
  ["tls-echo", "20 B, 1 in flight", { net: 1.05 }],
  ["tls-echo", "16 KiB, 1 in flight", { net: 1.05 }],
  ["tls-echo", "16 KiB, 16 in flight", { net: 1.05 }],
  ["broadcast", "100 B, one message a tick", { ws: 0.95 }],
  ["broadcast", "100 B, ten messages a tick", { ws: 1 / 6 }],
  ["compressed-echo", "1 KiB, 1 in flight", { ws: 1 / 4, bun: 1 }],
  ["compressed-echo", "1 KiB, 16 in flight", { ws: 1 / 4, bun: 1 }],
  ["handshake", "opened, and reset", { ws: 0.55 }],
  ["handshake", "opened as by a browser, and closed in order", { ws: 0.55 }],
  ["idle-memory", "plain", { self: 4500, ws: 0.75 }],
  ["client", "20 B binary, 16 in flight", { ws: 1 / 6, undici: 1 / 6, bun: 1 / 4 }],
  ["client", "20 B binary, 1 in flight", { ws: 0.9 }],
  ["client", "16 KiB binary, 1 in flight", { ws: 1 }],
  ["connections", "19,000 connections", { ws: 0.65, net: 1.15 }],
];

const TITLES = {
  echo: "",
  "tls-echo": "TLS, ",
  broadcast: "broadcast, ",
  "compressed-echo": "compressed, ",
  handshake: "a connection ",
  "idle-memory": "idle memory, ",
  client: "client, ",
  connections: "",
};

/** Small ratios are easier to read as fractions. */
function ratio(value) {
  return value <= 0.25 ? `1/${short(1 / value).replace(/\.0+$/, "")}` : value.toFixed(2);
}

function compare(peer, goal, { peers }) {
  if (peer === "self") return { is: peers[OWN].value.median, show: (value) => value.toFixed(0), goal };
  const times = peers[peer]?.timesTautline;
  return times === undefined ? null : { is: 1 / times.median, show: (value) => `${ratio(value)} of ${peer}`, goal };
}

function goalRow([suite, name, limits]) {
  const kept = readCase(suite, name);
  if (kept === null) return [];
  const compared = Object.entries(limits).flatMap(([peer, goal]) => compare(peer, goal, kept) ?? []);
  const reached = compared.map(({ is, goal, show }) => (is <= goal ? show(is) : `**${show(is)}**`));
  return [[TITLES[suite] + name, compared.map(({ goal, show }) => show(goal)).join(", "), reached.join(", ")]];
}

/** The goals beside what was kept of the last whole runs: what misses its goal stands in bold. */
export function goalsTable() {
  return table(["case", "goal, at most", "reached"], GOALS.flatMap(goalRow));
}
