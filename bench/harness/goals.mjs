// The goals, which were set before the code was written.
import { short, table } from "./figures.mjs";
import { readCase } from "./results.mjs";
import { OWN } from "./run-suite.mjs";

const WEBSOCKET = "tautline WebSocket";

/**
 * For each case: the most CPU that we may use, as a multiple of each peer's, or the limit of the figure itself (`self`).
 * The fourth element names the face of Tautline that the goal is about, if it is not `connect()` or the server.
 *
 * @type {[suite: string, name: string, limits: Record<string, number>, own?: string][]}
 */
export const GOALS = [
  ["echo", "20 B binary, 16 in flight", { ws: 1 / 10, net: 1.1, bun: 1.1, "uWebSockets.js": 1 }],
  ["echo", "20 B text, 16 in flight", { ws: 1 / 8, "uWebSockets.js": 1 }],
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
  ["client", "20 B binary, 16 in flight", { undici: 1 / 4 }, WEBSOCKET],
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

function compare({ peer, goal, own, figures }) {
  if (peer === "self") return { is: figures[own]?.value.median, goal, show: (value) => value.toFixed(0) };
  const times = (name) => figures[name]?.timesTautline.median;
  return { is: times(own) / times(peer), goal, show: (value) => `${ratio(value)} of ${peer}` };
}

/** A goal that is missed is bold. */
function shownResult({ is, goal, show }) {
  if (!(is >= 0)) return "not measured";
  return is <= goal ? show(is) : `**${show(is)}**`;
}

function goalRow([suite, name, limits, own = OWN], readKept) {
  const figures = readKept(suite, name)?.peers ?? {};
  const compared = Object.entries(limits).map(([peer, goal]) => compare({ peer, goal, own, figures }));
  const goals = compared.map(({ goal, show }) => show(goal)).join(", ");
  return [`${TITLES[suite]}${name}${own === OWN ? "" : `, ${own}`}`, goals, compared.map(shownResult).join(", ")];
}

/** The goals beside the kept results. */
export function goalsTable(readKept = readCase) {
  const rows = GOALS.map((goal) => goalRow(goal, readKept));
  return table(["case", "goal, at most", "reached"], rows);
}
