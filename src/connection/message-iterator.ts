import type { Message, MessageQueue } from "./message-queue.ts";

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

interface Waiting {
  readonly resolve: (result: IteratorResult<Message, undefined>) => void;
  readonly reject: (error: Error) => void;
}

const DONE: IteratorReturnResult<undefined> = Object.freeze({ done: true, value: undefined });

/**
 * `for await (const message of connection)` takes one message at a time, so that a slow loop slows the sender down. It
 * ends with the closing handshake, and throws if the connection was cut off.
 */
export class MessageIterator implements AsyncIterableIterator<Message, undefined, undefined>, MessageLoop {
  readonly #queue: MessageQueue;
  readonly #listener: IterationListener;
  #end: MessagesEnd | null = null;
  #waiting: Waiting[] = [];
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
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.settle();
    });
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
    while (this.#waiting.length > 0) {
      const message = this.#queue.take();
      if (message === undefined) break;
      this.#waiting.shift()?.resolve({ done: false, value: message });
      this.#listener.onTaken();
    }
    if (this.#waiting.length === 0 || this.#end === null) return;
    const { error } = this.#end;
    if (error !== null) this.#waiting.shift()?.reject(error);
    this.#finish();
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    for (const { resolve } of this.#waiting) resolve(DONE);
    this.#waiting = [];
    this.#listener.onIterationEnd();
  }
}
