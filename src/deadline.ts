/**
 * A time limit for something that a peer has to do. If the event loop has stalled, timers run before sockets are read.
 * So once the time is over, the sockets are read once more before the limit counts as missed.
 */
export class Deadline {
  #timer: NodeJS.Timeout;
  #lastLook: NodeJS.Immediate | null = null;

  /** @param milliseconds from 1 to 2^31 - 1 */
  constructor(milliseconds: number, onMissed: () => void) {
    this.#timer = setTimeout(() => {
      this.#lastLook = setImmediate(onMissed);
    }, milliseconds);
  }

  /** Cancels it; also possible after the time is over. */
  cancel(): void {
    clearTimeout(this.#timer);
    if (this.#lastLook !== null) clearImmediate(this.#lastLook);
  }
}
