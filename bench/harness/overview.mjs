// The table in the README.
import { short, table } from "./figures.mjs";
import { readCase, readResult } from "./results.mjs";

const PEERS = {
  tautline: "Tautline",
  net: "`net`",
  ws: "`ws`",
  "uWebSockets.js": "uWebSockets.js",
  bun: "Bun",
  deno: "Deno",
};

/** The suite, the case, and its name in the README. */
export const SHOWN = [
  ["echo", "20 B binary, 16 in flight", "an echo, 16 in flight"],
  ["echo", "20 B text, 16 in flight", "the same as text"],
  ["echo", "20 B binary, 1 in flight", "an echo, one in flight"],
  ["echo", "1 KiB text, 16 in flight", "1 KiB of text, 16 in flight"],
  ["echo", "16 KiB binary, 1 in flight", "16 KiB, one in flight"],
  ["echo", "16 KiB binary, 16 in flight", "16 KiB, 16 in flight"],
  ["echo", "1 MiB text, 1 in flight", "1 MiB of text, one in flight"],
  ["tls-echo", "20 B, 16 in flight", "an echo over TLS, 16 in flight"],
  ["tls-echo", "16 KiB, 16 in flight", "16 KiB over TLS, 16 in flight"],
  ["compressed-echo", "128 B, 16 in flight", "128 B of JSON compressed, 16 in flight"],
  ["compressed-echo", "1 KiB, 16 in flight", "1 KiB of JSON compressed, 16 in flight"],
  ["broadcast", "100 B, one message a tick", "100 B to 1,000 connections, each"],
  ["broadcast", "100 B, ten messages a tick", "ten at once to 1,000 connections, each"],
  ["broadcast", "868 B compressed, one message a tick", "868 B compressed to 1,000 connections, each"],
  ["handshake", "opened, and reset", "a connection that is opened and reset"],
  ["handshake", "opened as by a browser, and closed in order", "one as a browser opens it, closed in order"],
  ["client", "20 B binary, 16 in flight", "as a client, 16 in flight"],
  ["connections", "19,000 connections", "an echo among 19,000 connections"],
  ["idle-memory", "plain", "an idle connection"],
  ["idle-memory", "compressed, with context takeover", "the same, compressed"],
];

function shownValue(value, unit) {
  return unit === "bytes" ? `${(value / 1000).toFixed(1)} KB` : `${short(value)} ${unit}`;
}

function heading(peer) {
  const { versions = {} } = readResult(SHOWN[0][0])?.machine ?? {};
  return `${PEERS[peer]} ${versions[peer] ?? ""}`.trim();
}

function rowOf({ title, unit, figures }, peers) {
  const cell = (peer) => (figures[peer] === undefined ? "–" : shownValue(figures[peer].value.median, unit));
  return [title, ...peers.map(cell)];
}

/** The most important medians of the kept results. A peer that was not measured has no column. */
export function overviewTable() {
  const rows = SHOWN.flatMap(([suite, name, title]) => {
    const kept = readCase(suite, name);
    return kept === null ? [] : [{ title, unit: kept.unit, figures: kept.peers }];
  });
  const peers = Object.keys(PEERS).filter((peer) => rows.some(({ figures }) => peer in figures));
  return table(
    ["", ...peers.map(heading)],
    rows.map((row) => rowOf(row, peers)),
  );
}
