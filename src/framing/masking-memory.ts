import { MASK_MODULE } from "./mask-module.ts";

/** WebAssembly as far as it is used here: node's types leave it to those of browsers. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { readonly exports: MaskExports };
};

interface MaskExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly mask: Mask;
}

/** XORs the memory from one address to another with the key's four octets in turn; the first is its lowest byte. */
type Mask = (at: number, end: number, key: number) => void;

/** Memory in which WebAssembly masks, at a tenth of the cost of the best loop over words in JavaScript. */
export interface MaskingMemory {
  readonly buffer: ArrayBuffer;
  readonly mask: Mask;
  /** For bytes that lie elsewhere, and come here to be masked. */
  readonly scratch: Buffer;
}

/** The size of a page of WebAssembly's memory, in bytes; mask.wat has two. */
const PAGE = 65_536;

function instantiate(): MaskExports | null {
  try {
    return new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(MASK_MODULE, "base64"))).exports;
  } catch {
    // Not here: node runs without it, the processor has no vectors, or the process may not take so many addresses.
    return null;
  }
}

const exports = instantiate();

/** `null` where there is no WebAssembly: all works without it. */
export const MASKING_MEMORY: MaskingMemory | null =
  exports === null
    ? null
    : {
        buffer: exports.memory.buffer,
        mask: exports.mask,
        scratch: Buffer.from(exports.memory.buffer, PAGE, PAGE),
      };

/**
 * 64 KiB that are best read into from sockets: a frame that lies there is unmasked where it is. It is there once, for
 * all sockets in turn.
 */
export const READ_BUFFER: Buffer =
  exports === null ? Buffer.allocUnsafeSlow(PAGE) : Buffer.from(exports.memory.buffer, 0, PAGE);
