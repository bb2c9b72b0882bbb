import { MASK_MODULE } from "./mask-module.ts";

/** The used part of WebAssembly: node's types leave it to those of browsers. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { readonly exports: MaskExports };
};

interface MaskExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly mask: Mask;
}

/** XORs octet i from an address on with octet i mod 4 of the key, whose lowest byte is its first octet. */
type Mask = (at: number, end: number, key: number) => void;

/** The memory in which WebAssembly masks, ten times as fast as the best JavaScript loop over 32-bit words. */
export interface MaskingMemory {
  readonly buffer: ArrayBuffer;
  readonly mask: Mask;
  /** Bytes of other memory are copied here to be masked. */
  readonly scratch: Buffer;
}

/** The size of a page of WebAssembly's memory, in bytes; mask.wat has two. */
const PAGE = 65_536;

function instantiate(): MaskExports | null {
  try {
    return new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(MASK_MODULE, "base64"))).exports;
  } catch {
    // node runs without WebAssembly, the processor has no vectors, or the process has too little address space.
    return null;
  }
}

const exports = instantiate();

/** `null` if WebAssembly is not available: JavaScript masks instead. */
export const MASKING_MEMORY: MaskingMemory | null =
  exports === null
    ? null
    : {
        buffer: exports.memory.buffer,
        mask: exports.mask,
        scratch: Buffer.from(exports.memory.buffer, PAGE, PAGE),
      };

/**
 * The 64 KiB that all sockets of the process read into: WebAssembly unmasks a frame there without a copy. See decisions
 * 7 and 8.
 */
export const READ_BUFFER: Buffer =
  exports === null ? Buffer.allocUnsafeSlow(PAGE) : Buffer.from(exports.memory.buffer, 0, PAGE);
