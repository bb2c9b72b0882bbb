import { existsSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { INSTALL, PEER_MODULES } from "./peer-modules.mjs";
import { readCase } from "./results.mjs";
import { OWN } from "./run-suite.mjs";

const CHART = new URL("../../docs/bench.svg", import.meta.url);
const MANIFEST = new URL("../peers/package.json", import.meta.url);
const VEGA = `${PEER_MODULES}/vega`;

/** The cases in the chart, each with its suite. */
const SHOWN = [
  ["echo", "20 B binary, 16 in flight"],
  ["echo", "20 B text, 16 in flight"],
  ["echo", "20 B binary, 1 in flight"],
  ["echo", "16 KiB binary, 1 in flight"],
  ["tls-echo", "20 B, 16 in flight"],
  ["compressed-echo", "1 KiB, 16 in flight"],
  ["broadcast", "100 B, ten messages a tick"],
  ["handshake", "opened, and reset"],
  ["handshake", "opened as by a browser, and closed in order"],
  ["client", "20 B binary, 16 in flight"],
];
const TITLES = {
  echo: "echo",
  "tls-echo": "echo over TLS",
  "compressed-echo": "compressed echo",
  broadcast: "broadcast",
  handshake: "connection",
  client: "client",
};
const COLORS = {
  tautline: "#0b6e4f",
  net: "#b8b8b8",
  ws: "#d1495b",
  "uWebSockets.js": "#3d3d3d",
  bun: "#edae49",
  deno: "#6c8ebf",
  undici: "#8d6a9f",
};

/** One point for each peer of each case. */
function pointsOf(readKept) {
  return SHOWN.flatMap(([suite, name]) => {
    const peers = Object.entries(readKept(suite, name)?.peers ?? {}).filter(([peer]) => peer in COLORS);
    const title = `${TITLES[suite]}: ${name}`;
    return peers.map(([peer, { timesTautline }]) => ({ case: title, peer, times: timesTautline.median }));
  });
}

const TICKS = [0.25, 0.5, 1, 2, 4, 8, 16];

/** Points and not bars: a logarithmic axis has no zero for bars to start from. */
function specification(values) {
  const peers = Object.keys(COLORS).filter((name) => values.some(({ peer }) => peer === name));
  const scale = { type: "log", domain: [TICKS[0], TICKS.at(-1)], nice: false };
  const y = { field: "case", type: "nominal", sort: null, title: null, axis: { labelLimit: 0, grid: true } };
  const color = {
    field: "peer",
    type: "nominal",
    title: null,
    scale: { domain: peers, range: peers.map((peer) => COLORS[peer]) },
  };
  return {
    width: 560,
    height: { step: 26 },
    padding: 8,
    background: "white",
    title: { text: "CPU for the same work, as a multiple of Tautline's: further left is better", anchor: "start" },
    data: { values },
    mark: { type: "point", filled: true, size: 110, opacity: 0.9 },
    encoding: {
      y,
      x: {
        field: "times",
        type: "quantitative",
        scale,
        title: null,
        axis: { values: TICKS, format: "~g", grid: true },
      },
      color,
    },
    config: { view: { stroke: null } },
  };
}

/** The chart of the kept results in the language of Vega-Lite, or `null` if there are none. A legend has no empty peers. */
export function chartOf(readKept = readCase) {
  const values = pointsOf(readKept);
  return values.some(({ peer }) => peer === OWN) ? specification(values) : null;
}

/** Draws the kept results for the README, if the drawing library is installed. */
export async function drawChart() {
  const chart = chartOf();
  if (chart === null) return;
  if (!existsSync(VEGA)) {
    console.log(`The chart is not drawn, because Vega is not installed: ${INSTALL}`);
    return;
  }
  const require = createRequire(MANIFEST);
  const [vega, { compile }] = [require("vega"), require("vega-lite")];
  const view = new vega.View(vega.parse(compile(chart).spec), { renderer: "none" });
  writeFileSync(CHART, `${await view.toSVG()}\n`);
}
