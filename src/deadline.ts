/**
/**
 * A time limit is divided into this many timers. A stall of the event loop counts as one of them at most, however long
 * it is, so that the peer has the rest of the time to answer after the stall.
 */
const STEPS = 4;

/**
 * A time limit for an answer of a peer. After a stall of the event loop, timers run before sockets are read. So when
 * the time is over, sockets are read once more before the deadline counts as missed.
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

  /** Cancels the deadline. It may be called at any time, even after the deadline was missed. */
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
