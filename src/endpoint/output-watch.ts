/** More bytes than the systems of both sides usually hold for one connection. */
const HELD_BY_SYSTEMS = 16_777_216;

/**
 * Milliseconds for which a backlog that does not move says nothing: a system takes more only once the peer has read
 * some MiB, and nothing is known of its speed before.
 */
const FIRST_GAP = 1000;

/**
 * The state of a backlog over the sweeps: when the peer last took some of it, and how fast it takes it.
 *
 * Both systems buffer some MiB of the bytes that have left this process. So a slow peer takes them in bursts, and reads
 * a ping some time after it has left.
 */
export class OutputWatch {
  #readBy = 0;
  #isBacklogged = false;
  #left = 0;
  #movedAt = 0;
  #longestGap = 0;
  /** When the current measurement of the speed began, and how much had left by then. */
  #since = 0;
  #leftBefore = 0;
  /** Milliseconds that the peer takes for as many bytes as systems buffer, by the last complete measurement. */
  #delay = 0;

  /** Until when a peer may be silent and take nothing, since it may still be reading what it took. */
  get readBy(): number {
    return this.#readBy;
  }

  /**
   * Looks at the output, once a sweep.
   *
   * @param left the bytes that have ever left this process
   * @param isBacklogged whether more waits
   * @returns whether the peer has taken something of a backlog since the last look
   */
  look(now: number, left: number, isBacklogged: boolean): boolean {
    const wasBacklogged = this.#isBacklogged;
    this.#isBacklogged = isBacklogged;
    if (!wasBacklogged) {
      if (isBacklogged) this.#begin(now, left);
      return false;
    }
    if (left === this.#left) return false;
    this.#onTaken(now, left);
    this.#readBy = now + (isBacklogged ? this.#longestGap : Math.max(this.#delay, now - this.#since));
    return true;
  }

  #begin(now: number, left: number): void {
    this.#left = left;
    this.#movedAt = now;
    this.#longestGap = FIRST_GAP;
    this.#readBy = now + FIRST_GAP;
    this.#delay = 0;
    this.#since = now;
    this.#leftBefore = left;
  }

  #onTaken(now: number, left: number): void {
    this.#left = left;
    this.#longestGap = Math.max(this.#longestGap, now - this.#movedAt);
    this.#movedAt = now;
    const taken = left - this.#leftBefore;
    if (taken < HELD_BY_SYSTEMS) return;
    this.#delay = ((now - this.#since) * HELD_BY_SYSTEMS) / taken;
    this.#since = now;
    this.#leftBefore = left;
  }
}
