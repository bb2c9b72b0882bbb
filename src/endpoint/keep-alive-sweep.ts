import { type KeepAliveSettings, sweepPeriod } from "./keep-alive.ts";

export interface Sweepable {
  onSweep(now: number): void;
}

/** A step of the clock that is longer than this many periods counts as one period. */
const LONGEST_STEP = 2;

/**
 * One timer for a group of endpoints. Its clock moves once a sweep: to note when bytes arrived, an endpoint copies a
 * number, instead of asking the system for the time at each chunk.
 *
 * The clock measures how long sockets could be read. If the event loop stalls (a synchronous job, a suspended machine),
 * the timer runs late and before the sockets are read. So the clock hardly moves then, and connections are judged only
 * after the sockets have been read.
 */
export class KeepAliveSweep {
  readonly #members: Iterable<Sweepable>;
  readonly #period: number;
  #timer: NodeJS.Timeout | null = null;
  #immediate: NodeJS.Immediate | null = null;
  #now = currentTime();
  #steppedAt = this.#now;

  /** @param members the endpoints to look at */
  constructor(settings: KeepAliveSettings, members: Iterable<Sweepable>) {
    this.#period = sweepPeriod(settings);
    this.#members = members;
  }

  /** Milliseconds of the sweep's own clock. */
  get now(): number {
    return this.#now;
  }

  start(): void {
    // No earlier time is compared with a later one.
    this.#now = currentTime();
    this.#steppedAt = this.#now;
    if (this.#period > 0) this.#timer = setInterval(() => this.#step(), this.#period).unref();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    if (this.#immediate !== null) clearImmediate(this.#immediate);
    this.#timer = null;
    this.#immediate = null;
  }

  #step(): void {
    const time = currentTime();
    const elapsed = time - this.#steppedAt;
    this.#steppedAt = time;
    this.#now += elapsed > LONGEST_STEP * this.#period ? this.#period : elapsed;
    this.#immediate ??= setImmediate(() => this.#sweep());
  }

  #sweep(): void {
    this.#immediate = null;
    for (const member of this.#members) member.onSweep(this.#now);
  }
}

function currentTime(): number {
  return Math.round(performance.now());
}
