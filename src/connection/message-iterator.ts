import type { Message, MessageQueue } from "./message-queue.ts";
import { DONE, PendingNexts } from "./pending-nexts.ts";

/** The end of the messages. */
export interface MessagesEnd {
  /** Why the connection was cut off; `null` if it was closed in order, or by the application. */
  readonly error: Error | null;
  /** The same, also if the application itself has ended the connection: for a message that has not ended. */
  readonly firstError: Error | null;
}

/** A loop that takes the messages of a connection. */
export interface MessageLoop {
  /** Whether nothing waits in it. */
  readonly isEmpty: boolean;
  /** The cost of what waits in it, beside what waits in the queue. */
  readonly cost: number;
  /** A message has arrived. */
  put(message: Message): void;
  /** No message follows. */
  end(end: MessagesEnd): void;
}

export interface IterationListener {
  /** A message was taken. */
  onTaken(): void;
  /** The iteration is over, by `return` or at the end. */
  onIterationEnd(): void;
}

/**
 * `for await (const message of connection)` takes one message at a time, so that a slow loop slows the sender down. It
 * ends with the closing handshake, and throws if the connection was cut off.
 */
export class MessageIterator implements AsyncIterableIterator<Message, undefined, undefined>, MessageLoop {
  readonly #queue: MessageQueue;
  readonly #listener: IterationListener;
  #end: MessagesEnd | null = null;
  readonly #pending = new PendingNexts<Message>();
  #over = false;

  constructor(queue: MessageQueue, listener: IterationListener) {
    this.#queue = queue;
    this.#listener = listener;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Message, undefined>> {
    if (this.#over) return Promise.resolve(DONE);
    const result = this.#pending.add();
    this.settle();
    return result;
  }

  /** Ends the loop: the connection stays open, and messages wait again. */
  return(): Promise<IteratorResult<Message, undefined>> {
    this.#finish();
    return Promise.resolve(DONE);
  }

  get isEmpty(): boolean {
    return this.#queue.isEmpty;
  }

  get cost(): number {
    return 0;
  }

  put(message: Message): void {
    this.#queue.put(message);
    this.settle();
  }

  /** No message follows: a loop ends once it has taken those that wait. */
  end(end: MessagesEnd): void {
    this.#end = end;
    this.settle();
  }

  /** Fulfils pending calls of `next()` with the waiting messages. */
  settle(): void {
    while (!this.#pending.isEmpty) {
      const message = this.#queue.take();
      if (message === undefined) break;
      this.#pending.fulfil(message);
      this.#listener.onTaken();
    }
    if (this.#pending.isEmpty || this.#end === null) return;
    this.#pending.end(this.#end.error);
    this.#finish();
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#pending.end(null);
    this.#listener.onIterationEnd();
  }
}
