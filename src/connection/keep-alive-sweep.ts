import { type KeepAliveSettings, sweepPeriod } from "./keep-alive.ts";

/** What the sweep looks at. */
export interface Sweepable {
  onSweep(now: number): void;
}

/**
 * One timer for all connections of a server. Its clock moves once a sweep: to note when bytes arrived a connection
 * copies a number, instead of asking the system for the time at each chunk.
 */
export class KeepAliveSweep {
  readonly #members = new Set<Sweepable>();
  readonly #period: number;
  readonly #onEmpty: () => void;
  #timer: NodeJS.Timeout | null = null;
  #now = currentTime();

  /** @param onEmpty called each time that the last member has gone */
  constructor(settings: KeepAliveSettings, onEmpty: () => void = () => {}) {
    this.#period = sweepPeriod(settings);
    this.#onEmpty = onEmpty;
  }

  get members(): ReadonlySet<Sweepable> {
    return this.#members;
  }

  /** Milliseconds, as of the last sweep. */
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
    this.#now = currentTime();
    if (this.#period > 0) this.#timer = setInterval(() => this.#sweep(), this.#period).unref();
  }

  #stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  #sweep(): void {
    this.#now = currentTime();
    for (const member of this.#members) member.onSweep(this.#now);
  }
}

function currentTime(): number {
  return Math.round(performance.now());
}
