import { constants } from "node:zlib";
import { PooledContext } from "./context-pool.ts";
import { type DeflateParameters, DirectZlib } from "./direct-zlib.ts";
import { FLUSH_TAIL_LENGTH } from "./flush-tail.ts";

/** More than this longer than the message a result is of no use. */
const MARGIN = 64;
const SLAB_SIZE = 65_536;

/** Where results are laid, one behind the other; a full slab is left to those who still send from it. */
let slab = Buffer.alloc(0);
let used = 0;

function slabWith(room: number): Buffer {
  if (slab.length - used < room) {
    slab = Buffer.allocUnsafeSlow(Math.max(SLAB_SIZE, room));
    used = 0;
  }
  return slab;
}

/** Compresses messages one by one, each with the history of those before. */
export class Deflater extends PooledContext {
  readonly #zlib: DirectZlib;
  /** The base-2 logarithm of its window in bytes. */
  readonly windowBits: number;

  constructor(parameters: DeflateParameters) {
    super();
    this.windowBits = parameters.windowBits;
    this.#zlib = DirectZlib.deflate(parameters);
  }

  get isBroken(): boolean {
    return this.#zlib.failed;
  }

  /**
   * RFC 7692 section 7.2.1: the message as DEFLATE blocks, flushed, without the last four bytes.
   *
   * @param payload at least one byte
   * @returns bytes that are not used again; `null` where they would be longer than the message: then the history is
   *   forgotten, as the peer will not see this message in it
   * @throws Error where zlib fails; the context is broken then
   */
  deflate(payload: Uint8Array): Buffer | null {
    const room = payload.length + MARGIN;
    const output = slabWith(room);
    const start = used;
    const produced = this.#zlib.run(constants.Z_SYNC_FLUSH, payload, 0, payload.length, output, start, start + room);
    if (this.isBroken) throw new Error("zlib could not compress a message");
    if (produced === room) {
      this.forget();
      return null;
    }
    used += produced - FLUSH_TAIL_LENGTH;
    return output.subarray(start, used);
  }

  /** Begins with an empty history, as a sender may at any flush. */
  forget(): void {
    this.#zlib.reset();
  }

  close(): void {
    this.#zlib.close();
  }
}
