import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("../peers/node_modules/@oven", import.meta.url));

export const BUN_MISSING = "it is not installed: npm ci --prefix bench/peers --ignore-scripts";

/** Bun's binary, which lies in a package for the platform and needs no install script; `null` where it is missing. */
export function findBun() {
  const packages = existsSync(FOLDER) ? readdirSync(FOLDER) : [];
  return packages.map((name) => `${FOLDER}/${name}/bin/bun`).find((binary) => existsSync(binary)) ?? null;
}
