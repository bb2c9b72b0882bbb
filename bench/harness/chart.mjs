import { existsSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { readCase } from "./results.mjs";
import { OWN } from "./run-suite.mjs";

const CHART = new URL("../../docs/bench.svg", import.meta.url);
const MANIFEST = new URL("../peers/package.json", import.meta.url);
const VEGA = new URL("../peers/node_modules/vega", import.meta.url);

/** What the chart shows of each suite. */
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
  bun: "#edae49",
  deno: "#6c8ebf",
  undici: "#8d6a9f",
};

function bars() {
  return SHOWN.flatMap(([suite, name]) => {
    const peers = Object.entries(readCase(suite, name)?.peers ?? {}).filter(([peer]) => peer in COLORS);
    const title = `${TITLES[suite]}: ${name}`;
    return peers.map(([peer, { timesTautline }]) => ({ case: title, peer, times: timesTautline.median }));
  });
}

const TICKS = [0.25, 0.5, 1, 2, 4, 8, 16];

/** Points on a logarithmic axis: bars would have to begin somewhere, and it has no zero. */
function specification(values) {
  const peers = Object.keys(COLORS);
  const scale = { type: "log", domain: [TICKS[0], TICKS.at(-1)], nice: false };
  const y = { field: "case", type: "nominal", sort: null, title: null, axis: { labelLimit: 0, grid: true } };
  const color = { field: "peer", type: "nominal", title: null, scale: { domain: peers, range: Object.values(COLORS) } };
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

/** Draws the kept results for the README, where the library that draws is installed. */
export async function drawChart() {
  const values = bars();
  if (!values.some(({ peer }) => peer === OWN)) return;
  if (!existsSync(VEGA)) {
    console.log("The chart is not drawn: npm ci --prefix bench/peers --ignore-scripts");
    return;
  }
  const require = createRequire(MANIFEST);
  const [vega, { compile }] = [require("vega"), require("vega-lite")];
  const view = new vega.View(vega.parse(compile(specification(values)).spec), { renderer: "none" });
  writeFileSync(CHART, `${await view.toSVG()}\n`);
}
