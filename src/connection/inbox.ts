/** A message as the application gets it: text as a string, binary as a Buffer. */
export type Message = string | Buffer;

/** What a waiting message costs beside its payload, in bytes, so that a flood of empty ones is bounded too. */
const ENTRY_COST = 64;
/** Once this many taken entries lie at the front of the queue, they are cut off. */
const COMPACT_FROM = 256;

function costOf(message: Message): number {
  return message.length + ENTRY_COST;
}

/** The messages that have arrived and wait for somebody to take them, in their order. */
export class Inbox {
  #messages: (Message | undefined)[] = [];
  #taken = 0;
  #cost = 0;

  get isEmpty(): boolean {
    return this.#taken === this.#messages.length;
  }

  /** What waits, in bytes with a charge for each message. */
  get cost(): number {
    return this.#cost;
  }

  put(message: Message): void {
    this.#messages.push(message);
    this.#cost += costOf(message);
  }

  take(): Message | undefined {
    const message = this.#messages[this.#taken];
    if (message === undefined) return undefined;
    this.#messages[this.#taken++] = undefined;
    this.#cost -= costOf(message);
    if (this.isEmpty) {
      this.#messages = [];
      this.#taken = 0;
    } else if (this.#taken >= COMPACT_FROM && this.#taken * 2 >= this.#messages.length) {
      this.#messages = this.#messages.slice(this.#taken);
      this.#taken = 0;
    }
    return message;
  }
}
