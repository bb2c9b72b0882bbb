import { fileURLToPath } from "node:url";

/** The folder of the packages that only the bench needs. */
export const PEER_MODULES = fileURLToPath(new URL("../peers/node_modules", import.meta.url));

export const INSTALL = "npm ci --prefix bench/peers --ignore-scripts";

export const NOT_INSTALLED = `it is not installed: ${INSTALL}`;
