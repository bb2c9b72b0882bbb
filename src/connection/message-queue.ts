import { ENTRY_COST, Fifo } from "../fifo.ts";

/** A message: a string for text, a Buffer for binary. */
export type Message = string | Buffer;

function costOf(message: Message): number {
  return message.length + ENTRY_COST;
}

/** Messages that wait for the application, in the order of their arrival. */
export class MessageQueue {
  readonly #messages = new Fifo<Message>();
  #cost = 0;

  get isEmpty(): boolean {
    return this.#messages.isEmpty;
  }

  /** The length of the waiting messages, with a charge for each of them. */
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
