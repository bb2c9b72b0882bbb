import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { BASELINE, BASELINE_FOLDER } from "./baseline.mjs";
import { BUN_MISSING, findBun } from "./bun.mjs";
import { NOT_INSTALLED, PEER_MODULES } from "./peer-modules.mjs";
import { UWEBSOCKETS, whyNoUWebSockets } from "./uwebsockets.mjs";

const BENCH = fileURLToPath(new URL("..", import.meta.url));

function findDeno() {
  const folder = `${PEER_MODULES}/@deno`;
  const packages = existsSync(folder) ? readdirSync(folder) : [];
  return packages.map((name) => `${folder}/${name}/deno`).find((binary) => existsSync(binary)) ?? null;
}

const node = [process.execPath, "--expose-gc"];
const bun = findBun();
const deno = findDeno();
const ifMissing = (path, why) => () => (path !== null && existsSync(path) ? undefined : why);

/** The bench also measures versions of Tautline that lack a face. */
async function whyNoWebSocket() {
  return "WebSocket" in (await import("tautline")) ? undefined : "tautline does not export WebSocket";
}

async function whyNoStreams() {
  const { Connection } = await import("tautline");
  return "streams" in Connection.prototype ? undefined : "a Connection of tautline has no streams()";
}

/**
 * Everything that the bench compares. `command` runs the `script`, which is in `servers/` or `clients/` of the folder
 * `bench` (this one by default). `whyMissing()` gives the reason if the peer cannot run here.
 */
export const PEERS = {
  tautline: { command: node, script: "tautline.mjs" },
  "tautline WebSocket": { command: node, script: "tautline-websocket.mjs", whyMissing: whyNoWebSocket },
  "tautline streams()": { command: node, script: "tautline-streams.mjs", whyMissing: whyNoStreams },
  [BASELINE]: {
    command: node,
    script: "tautline.mjs",
    bench: join(BASELINE_FOLDER, "bench"),
    whyMissing: ifMissing(BASELINE_FOLDER, "only --check builds it"),
  },
  net: { command: node, script: "net.mjs" },
  ws: { command: node, script: "ws.mjs", env: { WS_NO_BUFFER_UTIL: "1" } },
  "ws+bufferutil": {
    command: node,
    script: "ws.mjs",
    // `ws` requires bufferutil by its bare name.
    env: { NODE_PATH: PEER_MODULES },
    whyMissing: ifMissing(`${PEER_MODULES}/bufferutil`, NOT_INSTALLED),
  },
  "uWebSockets.js": { command: node, script: "uwebsockets.mjs", whyMissing: whyNoUWebSockets },
  bun: { command: [bun], script: "bun.mjs", whyMissing: ifMissing(bun, BUN_MISSING) },
  deno: {
    command: [deno, "run", "--quiet", "--allow-all"],
    script: "deno.mjs",
    whyMissing: ifMissing(deno, NOT_INSTALLED),
  },
  undici: { command: node, script: "undici.mjs" },
};

/** The path of the script that runs a peer as one of `servers` or `clients`. */
export function scriptOf(role, { script, bench = BENCH }) {
  return join(bench, role, script);
}

/**
 * Separates the peers that can run here from those that cannot.
 *
 * @param {string[]} names
 * @param {Record<string, { script: string, whyMissing?: () => unknown }>} peers
 * @returns `available`, their names, and `skipped`, the reason by name
 */
export async function findPeers(names, peers = PEERS) {
  const skipped = {};
  for (const name of names) {
    const why = await peers[name].whyMissing?.();
    if (why !== undefined) skipped[name] = why;
  }
  return { available: names.filter((name) => !(name in skipped)), skipped };
}

/** The versions of the named peers, from their package.json. */
export function versionsOf(names) {
  const require = createRequire(import.meta.url);
  const manifests = {
    tautline: "tautline/package.json",
    ws: "ws/package.json",
    "ws+bufferutil": `${PEER_MODULES}/bufferutil/package.json`,
    "uWebSockets.js": `${UWEBSOCKETS}/package.json`,
    undici: "undici/package.json",
    bun: `${PEER_MODULES}/bun/package.json`,
    deno: `${PEER_MODULES}/deno/package.json`,
  };
  const known = names.filter((name) => name in manifests);
  return Object.fromEntries(known.map((name) => [name, require(manifests[name]).version]));
}
