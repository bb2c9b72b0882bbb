import { judgeKeepAlive, type KeepAliveSettings, type KeepAliveVerdict } from "./keep-alive.ts";
import { OutputWatch } from "./output-watch.ts";
import { PingClock } from "./ping-clock.ts";

/** The state of an endpoint that a sweep looks at. */
export interface LivenessView {
  /** Bytes that have ever left this process. */
  readonly left: number;
  /** Whether more waits. */
  readonly isBacklogged: boolean;
  /** Whether reading has stopped for another reason than a peer that takes nothing. */
  readonly isDeaf: boolean;
}

/** The times of one endpoint by which the keep-alive judges its peer. All are milliseconds of the sweep's clock. */
export class Liveness {
  /** When bytes last arrived. */
  receivedAt: number;
  /** When a message last went either way. */
  messageAt: number;
  #pingedAt: number;
  /** Made with the first ping. */
  #pings: PingClock | null = null;
  /** Made when a sweep first finds a backlog. */
  #outputWatch: OutputWatch | null = null;

  constructor(now: number) {
    this.receivedAt = now;
    this.messageAt = now;
    this.#pingedAt = now;
  }

  /** Milliseconds from the last keep-alive ping to its pong; `null` before the first. */
  get roundTripTime(): number | null {
    return this.#pings?.roundTripTime ?? null;
  }

  judge(now: number, { left, isBacklogged, isDeaf }: LivenessView, settings: KeepAliveSettings): KeepAliveVerdict {
    if (isBacklogged) this.#outputWatch ??= new OutputWatch();
    if (this.#outputWatch?.look(now, left, isBacklogged) === true) this.messageAt = now;
    if (isDeaf) {
      this.receivedAt = now;
      this.messageAt = now;
    }
    const { receivedAt, messageAt } = this;
    const readBy = this.#outputWatch?.readBy ?? 0;
    return judgeKeepAlive(now, { receivedAt, messageAt, pingedAt: this.#pingedAt, readBy }, settings);
  }

  /**
   * A ping is due.
   *
   * @returns its payload, `null` if the last one has not left this process: another one would only wait behind it
   */
  nextPing(now: number): Buffer | null {
    this.#pingedAt = now;
    this.#pings ??= new PingClock();
    return this.#pings.isWaiting ? null : this.#pings.next();
  }

  onPingSent(): void {
    this.#pings?.onLeft();
  }

  onPong(payload: Buffer): void {
    this.#pings?.onPong(payload);
  }
}
