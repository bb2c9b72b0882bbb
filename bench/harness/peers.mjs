import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { BUN_MISSING, findBun } from "./bun.mjs";

const inBench = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

const node = [process.execPath, "--expose-gc"];
const bun = findBun();

/** What the bench compares: how each is started, or why it cannot be. */
export const PEERS = {
  tautline: { command: node, script: inBench("servers/tautline.mjs") },
  ws: { command: node, script: inBench("servers/ws.mjs") },
  bun: {
    command: [bun],
    script: inBench("servers/bun.mjs"),
    missing: bun === null ? BUN_MISSING : undefined,
  },
};

/** Those of the named ones that are here; says which are not. */
export function availablePeers(names) {
  return names.filter((name) => {
    const { missing } = PEERS[name];
    if (missing !== undefined) console.log(`${name} is skipped: ${missing}`);
    return missing === undefined;
  });
}

export function versionsOf(names) {
  const require = createRequire(import.meta.url);
  const packages = {
    tautline: "tautline/package.json",
    ws: "ws/package.json",
    bun: inBench("peers/node_modules/bun/package.json"),
  };
  return Object.fromEntries(names.map((name) => [name, require(packages[name]).version]));
}
