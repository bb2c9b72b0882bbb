import { ENTRY_COST, Fifo } from "../fifo.ts";

/** A message as the application gets it: text as a string, binary as a Buffer. */
export type Message = string | Buffer;

function costOf(message: Message): number {
  return message.length + ENTRY_COST;
}

/** The messages that have arrived and wait for somebody to take them, in their order. */
export class Inbox {
  readonly #messages = new Fifo<Message>();
  #cost = 0;

  get isEmpty(): boolean {
    return this.#messages.isEmpty;
  }

  /** What waits, in bytes with a charge for each message. */
  get cost(): number {
    return this.#cost;
  }

  put(message: Message): void {
    this.#messages.put(message);
    this.#cost += costOf(message);
  }

  take(): Message | undefined {
    const message = this.#messages.take();
    if (message !== undefined) this.#cost -= costOf(message);
    return message;
  }
}
