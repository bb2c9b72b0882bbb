import { ConnectionError } from "../endpoint/connection-error.ts";
import { connectionLoss } from "../endpoint/connection-losses.ts";
import { Waiters } from "./waiters.ts";

/** The error of all code that waits for a `"drain"` that is never emitted. */
export const NEVER_DRAINED = connectionLoss(
  "NEVER_DRAINED",
  "RFC 6455 section 6.1",
  'the connection is closed: no "drain" follows, and the data that was not sent is lost',
);

/** Whether the application waits for a `"drain"` event. */
type State =
  /** `send()` has returned `true` since the last event. */
  | "unwanted"
  /** `send()` has returned `false`. */
  | "awaited"
  /** All sent data has left since then: the event is emitted at the end of the tick. */
  | "due"
  /** Nothing can be sent any more. */
  | "over"
  /** The same, and somebody still waits: `"close"` follows instead. */
  | "unmet"
  /** The same, and the source knows. */
  | "reported";

/** The emitter of the event. */
export interface DrainSource {
  emitDrain(): void;
  /** Somebody waits, and nothing can be sent any more; called once, in a later tick. */
  onNeverDrained(): void;
  /** Somebody began to wait in this tick, and nothing can be sent any more. */
  rejectDrain(): void;
}

/**
 * Decides when `"drain"` is emitted: once after `send()` has returned `false`, when everything that was sent has left,
 * and never once the connection cannot send any more.
 */
export class DrainSignal {
  readonly #source: DrainSource;
  #state: State = "unwanted";
  #isRejecting = false;
  /** Made with the first call of `drained()` that has to wait. */
  #waiters: Waiters | null = null;

  constructor(source: DrainSource) {
    this.#source = source;
  }

  /** `send()` returns `false`. An event that was due is postponed, since more data waits now. */
  await(): void {
    if (this.#state === "over") this.#miss();
    else if (!this.isUnmet) this.#state = "awaited";
  }

  /**
   * Waits for the event; not at all if `send()` has returned `true` since the last one.
   *
   * @returns a promise that is rejected if nothing can be sent any more, or with the signal's reason
   */
  drained(signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    if (this.#state === "unwanted") return Promise.resolve();
    if (this.#state === "over" || this.isUnmet) return Promise.reject(new ConnectionError(NEVER_DRAINED));
    this.#waiters ??= new Waiters();
    return this.#waiters.wait(signal);
  }

  /** Nothing waits to be sent. */
  onAllSent(): void {
    if (this.#state !== "awaited") return;
    this.#state = "due";
    // Not at once, since listeners send again, and a write may be under way.
    process.nextTick(emitDue, this);
  }

  /** Nothing can be sent any more. */
  end(): void {
    if (this.#state === "unwanted") this.#state = "over";
    else if (this.#state === "awaited" || this.#state === "due") this.#miss();
  }

  /** Whether nothing can be sent any more while somebody waits. */
  get isUnmet(): boolean {
    return this.#state === "unmet" || this.#state === "reported";
  }

  /** Whether `onNeverDrained` was called. */
  get isReported(): boolean {
    return this.#state === "reported";
  }

  emitDue(): void {
    if (this.#state !== "due") return;
    this.#state = "unwanted";
    this.#waiters?.resolveAll();
    this.#source.emitDrain();
  }

  reportMissed(): void {
    this.#state = "reported";
    this.#source.onNeverDrained();
  }

  /** Rejects, at the end of this tick, all code that begins to wait in it. */
  rejectSoon(): void {
    if (this.#isRejecting) return;
    this.#isRejecting = true;
    process.nextTick(() => {
      this.#isRejecting = false;
      this.#source.rejectDrain();
    });
  }

  #miss(): void {
    this.#state = "unmet";
    this.#waiters?.rejectAll(new ConnectionError(NEVER_DRAINED));
    process.nextTick(reportMissed, this);
  }
}

function emitDue(signal: DrainSignal): void {
  signal.emitDue();
}

function reportMissed(signal: DrainSignal): void {
  signal.reportMissed();
}
