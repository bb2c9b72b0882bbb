/** Whether the application waits for a `"drain"` event. */
type State =
  /** `send()` has returned `true` since the last event. */
  | "unwanted"
  /** `send()` has returned `false`. */
  | "awaited"
  /** All that was sent has left since then: the event is emitted at the end of the tick. */
  | "due"
  /** Nothing can be sent any more. */
  | "over"
  /** The same, and somebody still waits: `"close"` follows instead. */
  | "unmet";

/** Who emits the event. */
export interface DrainSource {
  emitDrain(): void;
}

/**
 * Decides when `"drain"` is emitted: once after `send()` has returned `false`, when all that was sent has left, and
 * not any more once the connection cannot send.
 */
export class DrainSignal {
  readonly #source: DrainSource;
  #state: State = "unwanted";

  constructor(source: DrainSource) {
    this.#source = source;
  }

  /** `send()` returns `false`. What it counted on to leave may have been replaced by more. */
  await(): void {
    if (this.#state !== "over" && this.#state !== "unmet") this.#state = "awaited";
  }

  /** Nothing waits to be sent. */
  onAllSent(): void {
    if (this.#state !== "awaited") return;
    this.#state = "due";
    // Listeners send again: not within the write that has just been made.
    process.nextTick(emitDue, this);
  }

  /** The connection cannot send any more. */
  end(): void {
    if (this.#state === "unwanted") this.#state = "over";
    else if (this.#state !== "over") this.#state = "unmet";
  }

  /** Whether the connection has ended while somebody waited. */
  get isUnmet(): boolean {
    return this.#state === "unmet";
  }

  /** @internal */
  emitDue(): void {
    if (this.#state !== "due") return;
    this.#state = "unwanted";
    this.#source.emitDrain();
  }
}

function emitDue(signal: DrainSignal): void {
  signal.emitDue();
}
