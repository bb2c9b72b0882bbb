import { constants } from "node:zlib";
import { PooledContext } from "./context-pool.ts";
import { type DeflateParameters, DirectZlib } from "./direct-zlib.ts";
import { FLUSH_TAIL_LENGTH } from "./flush-tail.ts";

/** A result that is longer than the message by this many bytes is given up. */
const MARGIN = 64;
const SLAB_SIZE = 65_536;

/** The memory of results, one behind the other. A full slab lives as long as a result in it. */
let slab = Buffer.alloc(0);
let used = 0;

function slabWith(room: number): Buffer {
  if (slab.length - used < room) {
    slab = Buffer.allocUnsafeSlow(Math.max(SLAB_SIZE, room));
    used = 0;
  }
  return slab;
}

/** Compresses messages one after the other, each with the history of the earlier ones. */
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
   * Compresses a message (RFC 7692 section 7.2.1): DEFLATE blocks and a flush, without the last four bytes.
   *
   * @param payload at least one byte
   * @returns bytes that do not change afterwards; `null` if they would be `MARGIN` bytes longer than the message. The
   *   history is reset then, since the peer will not have this message in its window
   * @throws Error if zlib fails; the context is broken then
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

  /** Resets the history: a sender may do so before any message. */
  forget(): void {
    this.#zlib.reset();
  }

  close(): void {
    this.#zlib.close();
  }
}
