import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** Starts a script of `load/` in a process of its own. */
export function startLoad(script, options) {
  return fork(fileURLToPath(new URL(`../load/${script}`, import.meta.url)), [JSON.stringify(options)]);
}

/** The next message of the load. @throws Error if it ends instead */
export async function nextMessage(load) {
  const [what] = await Promise.race([once(load, "message"), once(load, "exit").then(() => [null])]);
  if (what === null) throw new Error("the load ended");
  return what;
}
