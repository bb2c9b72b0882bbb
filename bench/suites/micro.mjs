import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { BASELINE, BASELINE_FOLDER } from "../harness/baseline.mjs";
import { CASES } from "../micro/cases.mjs";

const SCRIPT = fileURLToPath(new URL("../micro/main.mjs", import.meta.url));

/** Single parts, each in a process of its own. */
export const micro = {
  name: "micro",
  title: "Single parts against those of `ws` (without bufferutil), nanoseconds of CPU per operation",
  unit: "ns",
  peers: ["tautline", "ws"],
  cases: Object.entries(CASES).map(([name, each]) => ({
    name,
    quick: name.startsWith("read 20 B") || name === "mask 1 KiB",
    peers: ["tautline", BASELINE, "ws"].filter((peer) => peer === BASELINE || peer in each),
  })),
  async sample(peer, { name }, { seconds }) {
    const [script, part] = peer === BASELINE ? [`${BASELINE_FOLDER}/bench/micro/main.mjs`, "tautline"] : [SCRIPT, peer];
    const { stdout } = await promisify(execFile)(process.execPath, [script, name, part, String(seconds / 3)]);
    return { value: Number(stdout) };
  },
};
