/**
 * The usual size of a slab in bytes: twice what a socket reads at once, so that an echo of it fits, also one of texts that
 * need three times their length while they are written.
 */
const SLAB_SIZE = 131_072;

/**
 * Memory in which outgoing frames are laid one behind the other. Regions of it belong to the outboxes that wrote
 * them until they are released.
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
   * @param reusable whether nobody reads its bytes any more; otherwise the slab is left to the socket that does
   */
  release(reusable: boolean): void {
    this.#holders--;
    if (!reusable) this.#reusable = false;
    if (this.#holders === 0) this.used = 0;
  }
}

/** The slab that all connections of a server share: one for each would be 64 KiB on every idle connection. */
export class SlabPool {
  #current: Slab | null = null;

  /** A slab with at least `room` bytes free behind what is used. */
  take(room: number): Slab {
    const current = this.#current;
    if (current?.reusable && current.bytes.length - current.used >= room) return current;
    const fresh = new Slab(Math.max(SLAB_SIZE, room));
    this.#current = fresh;
    return fresh;
  }
}
