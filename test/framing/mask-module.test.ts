import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { compileMask } from "../../scripts/build-wasm.mjs";
import { MASK_MODULE } from "../../src/framing/mask-module.ts";

test("mask-module.ts is what `npm run wasm` makes of mask.wat", async () => {
  const written = await readFile(new URL("../../src/framing/mask-module.ts", import.meta.url), "utf8");
  expect(await compileMask()).toBe(written);
});

test("the module has the magic number and the version of WebAssembly", () => {
  expect(Buffer.from(MASK_MODULE, "base64").toString("hex", 0, 8)).toBe("0061736d01000000");
});
