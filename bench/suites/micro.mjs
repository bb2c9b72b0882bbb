import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { CASES } from "../micro/cases.mjs";

const SCRIPT = fileURLToPath(new URL("../micro/main.mjs", import.meta.url));

/** Single parts, each in a process of its own. */
export const micro = {
  name: "micro",
  title: "Single parts against those of `ws` (without bufferutil), nanoseconds of CPU each time",
  unit: "ns",
  peers: ["tautline", "ws"],
  cases: Object.entries(CASES).map(([name, each]) => ({
    name,
    quick: name.startsWith("read 20 B") || name === "mask 1 KiB",
    peers: ["tautline", "ws"].filter((peer) => peer in each),
  })),
  async sample(peer, { name }, { seconds }) {
    const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT, name, peer, String(seconds / 3)]);
    return { value: Number(stdout) };
  },
};
