import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { BUN_MISSING, findBun } from "./bun.mjs";

const inBench = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const PEER_MODULES = inBench("peers/node_modules");
const INSTALL = "it is not installed: npm ci --prefix bench/peers --ignore-scripts";

function findDeno() {
  const folder = `${PEER_MODULES}/@deno`;
  const packages = existsSync(folder) ? readdirSync(folder) : [];
  return packages.map((name) => `${folder}/${name}/deno`).find((binary) => existsSync(binary)) ?? null;
}

const node = [process.execPath, "--expose-gc"];
const bun = findBun();
const deno = findDeno();
const missing = (binary, why) => (binary === null ? why : undefined);
const bufferutil = existsSync(`${PEER_MODULES}/bufferutil`) ? PEER_MODULES : null;

/**
 * What the bench compares: how each is run, with `servers/` or `clients/` and its script's name behind it; `missing` says
 * why it cannot be.
 */
export const PEERS = {
  tautline: { command: node, script: "tautline.mjs" },
  net: { command: node, script: "net.mjs" },
  ws: { command: node, script: "ws.mjs", env: { WS_NO_BUFFER_UTIL: "1" } },
  "ws+bufferutil": {
    command: node,
    script: "ws.mjs",
    // Where the require() of `ws` finds it.
    env: { NODE_PATH: PEER_MODULES },
    missing: missing(bufferutil, INSTALL),
  },
  bun: { command: [bun], script: "bun.mjs", missing: missing(bun, BUN_MISSING) },
  deno: { command: [deno, "run", "--quiet", "--allow-all"], script: "deno.mjs", missing: missing(deno, INSTALL) },
  undici: { command: node, script: "undici.mjs" },
};

/** Those of the named ones that are here; says which are not. */
export function availablePeers(names) {
  return names.filter((name) => {
    const { missing: why } = PEERS[name];
    if (why !== undefined) console.log(`${name} is skipped: ${why}`);
    return why === undefined;
  });
}

/** Of what is compared, by the packages' own word. */
export function versionsOf(names) {
  const require = createRequire(import.meta.url);
  const manifests = {
    tautline: "tautline/package.json",
    ws: "ws/package.json",
    "ws+bufferutil": `${PEER_MODULES}/bufferutil/package.json`,
    undici: "undici/package.json",
    bun: `${PEER_MODULES}/bun/package.json`,
    deno: `${PEER_MODULES}/deno/package.json`,
  };
  const known = names.filter((name) => name in manifests);
  return Object.fromEntries(known.map((name) => [name, require(manifests[name]).version]));
}
