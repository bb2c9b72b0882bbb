// Compiles src/framing/mask.wat into src/framing/mask-module.ts.
import { readFile, writeFile } from "node:fs/promises";
import initWabt from "wabt";

const SOURCE = new URL("../src/framing/mask.wat", import.meta.url);
const TARGET = new URL("../src/framing/mask-module.ts", import.meta.url);

/** @returns the TypeScript file that the WebAssembly source of `src/framing/mask.wat` is compiled to */
export async function compileMask() {
  const wabt = await initWabt();
  const module = wabt.parseWat("mask.wat", await readFile(SOURCE), { simd: true });
  const { buffer } = module.toBinary({});
  const text = Buffer.from(buffer).toString("base64");
  const lines = text.match(/.{1,100}/g).map((line) => `  "${line}"`);
  return `/** mask.wat as a WebAssembly module, in base64. Made by \`npm run wasm\`. */\nexport const MASK_MODULE =\n${lines.join(" +\n")};\n`;
}

if (process.argv[1] === import.meta.filename) await writeFile(TARGET, await compileMask());
