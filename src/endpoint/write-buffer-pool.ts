import { SlabPool } from "./slab.ts";
import { WriteBuffer } from "./write-buffer.ts";

/** Up to this many buffers are kept for later: as many outputs as are usually filled in one turn of the event loop. */
const MOST_SPARE = 64;

/** The write buffers of all endpoints. An endpoint has one only while it has something to write, so idle ones have none. */
export class WriteBufferPool {
  readonly #slabs: SlabPool;
  readonly #spare: WriteBuffer[] = [];

  /** @param slabs the memory of the buffers */
  constructor(slabs = new SlabPool()) {
    this.#slabs = slabs;
  }

  take(): WriteBuffer {
    return this.#spare.pop() ?? new WriteBuffer(this.#slabs);
  }

  /** @param buffer an empty one, of which the transport reads nothing any more */
  giveBack(buffer: WriteBuffer): void {
    if (this.#spare.length < MOST_SPARE) this.#spare.push(buffer);
  }
}
