/** Why an object is held. */
export type HoldReason = "listeners" | "sending";

/**
 * A reference to an object that keeps it from being collected only as long as there is a reason. Afterwards the object can
 * still be had until it is collected.
 */
export class Hold<Held extends object> {
  readonly #weak: WeakRef<Held>;
  #strong: Held | null = null;
  readonly #reasons = { listeners: false, sending: false };

  constructor(held: Held) {
    this.#weak = new WeakRef(held);
  }

  /** The object; `undefined` once it was collected. */
  get target(): Held | undefined {
    return this.#strong ?? this.#weak.deref();
  }

  /** Adds a reason or takes it away. */
  set(reason: HoldReason, holds: boolean): void {
    if (this.#reasons[reason] === holds) return;
    this.#reasons[reason] = holds;
    const isHeld = this.#reasons.listeners || this.#reasons.sending;
    this.#strong = isHeld ? (this.target ?? null) : null;
  }

  /** Takes all reasons away. */
  release(): void {
    this.set("listeners", false);
    this.set("sending", false);
  }
}
