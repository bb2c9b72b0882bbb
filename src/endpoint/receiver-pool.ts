import type { MessagePipeline } from "../extensions/index.ts";
import { Receiver, type ReceiverListener, type ReceiverShared } from "./receiver.ts";
import type { Transport } from "./transport.ts";

/** Up to this many receivers are kept for later: as many as read at the same time, which is mostly one. */
const MOST_SPARE = 16;

/**
 * The receivers of a group of endpoints. Between two messages a receiver holds nothing, unless reading has stopped, so an
 * idle endpoint has none.
 */
export class ReceiverPool<Message> {
  readonly #shared: ReceiverShared<Message>;
  readonly #spare: Receiver<Message>[] = [];

  constructor(shared: ReceiverShared<Message>) {
    this.#shared = shared;
  }

  take(transport: Transport, pipeline: MessagePipeline | null, listener: ReceiverListener<Message>): Receiver<Message> {
    const receiver = this.#spare.pop() ?? new Receiver(this.#shared);
    receiver.bind(transport, pipeline, listener);
    return receiver;
  }

  /** @param receiver an idle one */
  giveBack(receiver: Receiver<Message>): void {
    if (this.#spare.length >= MOST_SPARE) return;
    receiver.release();
    this.#spare.push(receiver);
  }
}
