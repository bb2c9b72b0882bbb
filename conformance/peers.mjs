import { existsSync, readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { BUN_MISSING, findBun } from "../bench/harness/bun.mjs";

const inHere = (path) => fileURLToPath(new URL(path, import.meta.url));

function versionOf(path) {
  return JSON.parse(readFileSync(inHere(path), "utf8")).version;
}

/** The peers of the published results. */
const PEERS = {
  tautline: { version: () => versionOf("../package.json") },
  ws: { version: () => versionOf("../node_modules/ws/package.json") },
  bun: { version: () => versionOf("../bench/peers/node_modules/bun/package.json"), program: findBun },
};

export const PUBLISHED = Object.keys(PEERS);

/**
 * Finds the peer that the suite tests.
 *
 * @param name one of those above, or a folder with a `server.mjs` and a `client.mjs` like theirs
 * @throws Error that names the missing part
 */
export function findPeer(name) {
  const folder = name in PEERS ? inHere(`peers/${name}`) : resolve(name);
  if (!existsSync(folder)) throw new Error(`no peer is called ${name}: there are ${PUBLISHED.join(", ")}, or a folder`);
  const { version = () => null, program = () => process.execPath } = PEERS[name] ?? {};
  const runtime = program();
  if (runtime === null) throw new Error(`${name} cannot run: ${BUN_MISSING}`);
  return {
    name: basename(folder),
    version: version(),
    /** The command that starts it as "server" or as "client". */
    command: (role) => [runtime, `${folder}/${role}.mjs`],
  };
}
