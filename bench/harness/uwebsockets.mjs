import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { NOT_INSTALLED, PEER_MODULES } from "./peer-modules.mjs";

export const UWEBSOCKETS = `${PEER_MODULES}/@btc-vision/uwebsockets.js`;

/**
 * Says in one line why the addon could not be loaded.
 *
 * @param output the error that node printed
 */
export function loadFailure(output) {
  const [, glibc] = /GLIBC_([\d.]+)' not found/.exec(output) ?? [];
  if (glibc !== undefined) return `it does not load: it needs glibc ${glibc}`;
  if (output.includes("Cannot find module")) {
    return `it has no binary for node ${process.version.slice(1)} on ${process.platform}-${process.arch}`;
  }
  return "it does not load";
}

/**
 * Says why uWebSockets.js cannot run, or returns `undefined` if it can. It is loaded in a process of its own: the addon
 * attaches itself to the event loop of the process that loads it.
 */
export function whyNoUWebSockets() {
  if (!existsSync(UWEBSOCKETS)) return NOT_INSTALLED;
  const script = `require(${JSON.stringify(UWEBSOCKETS)}); process.exit()`;
  const { status, stderr } = spawnSync(process.execPath, ["-e", script], { encoding: "utf8" });
  return status === 0 ? undefined : loadFailure(stderr);
}
