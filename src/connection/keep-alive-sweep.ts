import { type FlushedAtExit, joinExit, leaveExit } from "./exit-flush.ts";
import { type KeepAliveSettings, sweepPeriod } from "./keep-alive.ts";

/** What the sweep looks at. */
export interface Sweepable extends FlushedAtExit {
  onSweep(now: number): void;
}

/** A step of the clock that is longer than this many periods counts as one period. */
const LONGEST_STEP = 2;

/**
 * One timer for all connections of a server. Its clock moves once a sweep: to note when bytes arrived a connection
 * copies a number, instead of asking the system for the time at each chunk.
 *
 * The clock measures how long sockets could be read. If the event loop stalls (a synchronous job, a suspended machine),
 * the timer runs late and before the sockets are read. So the clock hardly moves then, and connections are judged only
 * after the sockets have been read.
 */
export class KeepAliveSweep {
  readonly #members = new Set<Sweepable>();
  readonly #period: number;
  readonly #onEmpty: () => void;
  #timer: NodeJS.Timeout | null = null;
  #immediate: NodeJS.Immediate | null = null;
  #now = currentTime();
  #steppedAt = this.#now;

  /** @param onEmpty called each time that the last member has gone */
  constructor(settings: KeepAliveSettings, onEmpty: () => void = () => {}) {
    this.#period = sweepPeriod(settings);
    this.#onEmpty = onEmpty;
  }

  get members(): ReadonlySet<Sweepable> {
    return this.#members;
  }

  /** Milliseconds of the sweep's own clock. */
  get now(): number {
    return this.#now;
  }

  add(member: Sweepable): void {
    if (this.#members.size === 0) this.#start();
    this.#members.add(member);
  }

  delete(member: Sweepable): void {
    if (!this.#members.delete(member) || this.#members.size > 0) return;
    this.#stop();
    this.#onEmpty();
  }

  #start(): void {
    joinExit(this.#members);
    // Nothing compares times with earlier ones.
    this.#now = currentTime();
    this.#steppedAt = this.#now;
    if (this.#period > 0) this.#timer = setInterval(() => this.#step(), this.#period).unref();
  }

  #stop(): void {
    leaveExit(this.#members);
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
