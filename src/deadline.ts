/**
/**
 * In how many steps a time limit is waited for. However long the event loop stalls, that counts as one step: the peer
 * has the rest of the time to do its part after the stall.
 */
const STEPS = 4;

/**
 * A time limit for something that a peer has to do. If the event loop has stalled, timers run before sockets are read.
 * So once the time is over, the sockets are read once more before the limit counts as missed.
 */
export class Deadline {
  readonly #onMissed: () => void;
  readonly #step: number;
  #left: number;
  #timer: NodeJS.Timeout;
  #lastLook: NodeJS.Immediate | null = null;
  #keepsProcess = true;

  /** @param milliseconds from 1 to 2^31 - 1 */
  constructor(milliseconds: number, onMissed: () => void) {
    this.#onMissed = onMissed;
    this.#step = Math.ceil(milliseconds / STEPS);
    this.#left = milliseconds;
    this.#timer = this.#next();
  }

  /** Lets the process end before the time is over. */
  unref(): this {
    this.#keepsProcess = false;
    this.#timer.unref();
    return this;
  }

  /** Cancels it; also possible after the time is over. */
  cancel(): void {
    clearTimeout(this.#timer);
    if (this.#lastLook !== null) clearImmediate(this.#lastLook);
  }

  #next(): NodeJS.Timeout {
    const step = Math.min(this.#step, this.#left);
    this.#left -= step;
    const timer = setTimeout(() => this.#onStep(), step);
    return this.#keepsProcess ? timer : timer.unref();
  }

  #onStep(): void {
    if (this.#left > 0) this.#timer = this.#next();
    else this.#lastLook = setImmediate(this.#onMissed);
  }
}
