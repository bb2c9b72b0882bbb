/** The memory of a process through which one very long message passes in pieces; `bench/soak/streams.mjs` takes 4 GiB. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const MIB = 1 << 20;
const MEBIBYTES = 256;
/** From node 24 on, garbage collection lets more buffers gather that nobody holds any more: 55 to 90 MiB in all. */
const MOST = Number.parseInt(process.versions.node, 10) < 24 ? 64 : 128;
const SOAK = join(import.meta.dirname, "../../bench/soak/streams.mjs");

test.each([
  ["in one frame", ["--shape", "frame"]],
  ["in one frame, read slowly", ["--shape", "frame", "--slow"]],
  ["in fragments", ["--shape", "fragments"]],
  ["in fragments, compressed to a hundredth", ["--shape", "compressed"]],
  ["in fragments, compressed to a hundredth, read slowly", ["--shape", "compressed", "--slow"]],
])("a message of 256 MiB %s passes through a small part of that memory", async (_how, args) => {
  const { stdout } = await promisify(execFile)(process.execPath, [SOAK, "--mebibytes", String(MEBIBYTES), ...args]);
  const { length, growth } = JSON.parse(stdout) as { length: number; growth: number };
  expect(length).toBe(MEBIBYTES * MIB);
  expect(growth).toBeLessThan(MOST * MIB);
});
