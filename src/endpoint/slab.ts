/**
 * The usual size of a slab in bytes: twice the most that a socket reads at once, so that an echo of it fits, also one
 * of texts that need three times their length while they are written.
 */
export const SLAB_SIZE = 131_072;
/** Up to this many slabs are kept for later. */
const MOST_FREE = 32;

/**
 * Memory for outgoing frames, one behind the other. Each region belongs to the write buffer that wrote it until it is
 * released.
 */
export class Slab {
  readonly bytes: Buffer;
  /** Where the next region begins. */
  used = 0;
  #holders = 0;
  #reusable = true;

  constructor(size: number) {
    this.bytes = Buffer.allocUnsafeSlow(size);
  }

  get reusable(): boolean {
    return this.#reusable;
  }

  hold(): void {
    this.#holders++;
  }

  /**
   * Gives a region back.
   *
   * @param reusable whether no transport reads its bytes any more; otherwise the slab is left to the one that does
   * @returns whether the whole slab may be used again
   */
  release(reusable: boolean): boolean {
    this.#holders--;
    if (!reusable) this.#reusable = false;
    if (this.#holders > 0) return false;
    this.used = 0;
    return this.#reusable;
  }
}

/** The slabs that all connections of a server share: one for each would be 128 KiB on every idle connection. */
export class SlabPool {
  #current: Slab | null = null;
  readonly #free: Slab[] = [];

  /** A slab with at least `room` free bytes behind its used ones. */
  take(room: number): Slab {
    const current = this.#current;
    if (current?.reusable && current.bytes.length - current.used >= room) return current;
    const next = room > SLAB_SIZE ? new Slab(room) : this.takeWhole();
    this.#current = next;
    return next;
  }

  /** An unused slab of the usual size, for one connection alone. */
  takeWhole(): Slab {
    return this.#free.pop() ?? new Slab(SLAB_SIZE);
  }

  /** Keeps a slab that is no longer used. */
  giveBack(slab: Slab): void {
    const fits = slab !== this.#current && slab.bytes.length === SLAB_SIZE;
    if (fits && this.#free.length < MOST_FREE) this.#free.push(slab);
  }
}
