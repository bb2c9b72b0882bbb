import type { Inbox, Message } from "./inbox.ts";

/** The end of what an iterator takes from. */
export interface MessageSource {
  /** Whether no message will come any more. */
  readonly inputEnded: boolean;
  /** Why the connection was cut off, `null` where it was closed in order. */
  readonly cutOff: Error | null;
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
 * `for await (const message of connection)`: one message at a time, so that a slow loop slows the sender down. It
 * ends with the closing handshake, and throws where the connection was cut off.
 */
export class MessageIterator implements AsyncIterableIterator<Message, undefined, undefined> {
  readonly #inbox: Inbox;
  readonly #source: MessageSource;
  readonly #listener: IterationListener;
  #waiting: Waiting[] = [];
  #over = false;

  constructor(inbox: Inbox, source: MessageSource, listener: IterationListener) {
    this.#inbox = inbox;
    this.#source = source;
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

  /** Leaves the loop: the connection stays open, and messages wait again. */
  return(): Promise<IteratorResult<Message, undefined>> {
    this.#finish();
    return Promise.resolve(DONE);
  }

  /** Gives to those who wait what is there. */
  settle(): void {
    while (this.#waiting.length > 0) {
      const message = this.#inbox.take();
      if (message === undefined) break;
      this.#waiting.shift()?.resolve({ done: false, value: message });
      this.#listener.onTaken();
    }
    if (this.#waiting.length === 0 || !this.#source.inputEnded) return;
    const { cutOff } = this.#source;
    if (cutOff !== null) this.#waiting.shift()?.reject(cutOff);
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
