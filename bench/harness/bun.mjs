import { existsSync, readdirSync } from "node:fs";
import { NOT_INSTALLED, PEER_MODULES } from "./peer-modules.mjs";

const FOLDER = `${PEER_MODULES}/@oven`;

export const BUN_MISSING = NOT_INSTALLED;

/** Bun's binary, or `null` if it is not installed. It comes in one package per platform and needs no install script. */
export function findBun() {
  const packages = existsSync(FOLDER) ? readdirSync(FOLDER) : [];
  return packages.map((name) => `${FOLDER}/${name}/bin/bun`).find((binary) => existsSync(binary)) ?? null;
}
