import { Inbox, type Message } from "./inbox.ts";
import { MessageIterator } from "./message-iterator.ts";

/** What a delivery needs of its connection. */
export interface DeliveryHost {
  /** Hands a message to the `"message"` listeners. @returns false where there is none */
  emitMessage(data: Message): boolean;
  readonly hasMessageListener: boolean;
  /** More waits than may: no further message, please. */
  stopReading(): void;
  /** There is room again. Messages may come before this returns. */
  readOn(): void;
  /** Whether no message will come any more. */
  readonly inputEnded: boolean;
  /** Why the connection was cut off by others than ourselves, `null` where it was closed in order. */
  readonly cutOff: Error | null;
  /** All that waited was taken, or nobody listens any more who could take it. */
  onDelivered(): void;
}

/**
 * The messages' way to the application: straight to the listeners, or, while there is none, it has paused or a loop
 * takes them one by one, through an inbox.
 */
export class Delivery {
  readonly #host: DeliveryHost;
  readonly #maxQueued: number;
  #paused = false;
  #scheduled = false;
  #inbox: Inbox | null = null;
  #iterator: MessageIterator | null = null;

  /** @param maxQueued how many bytes may wait before reading stops */
  constructor(host: DeliveryHost, maxQueued: number) {
    this.#host = host;
    this.#maxQueued = maxQueued;
  }

  get isPaused(): boolean {
    return this.#paused;
  }

  get isEmpty(): boolean {
    return this.#inbox === null || this.#inbox.isEmpty;
  }

  get isFull(): boolean {
    return this.#inbox !== null && this.#inbox.cost >= this.#maxQueued;
  }

  get isIterated(): boolean {
    return this.#iterator !== null;
  }

  /** A message has arrived. */
  put(data: Message): void {
    const straight = !this.#paused && this.#iterator === null && this.isEmpty;
    if (straight && this.#host.emitMessage(data)) return;
    this.#inbox ??= new Inbox();
    this.#inbox.put(data);
    // A loop that waits takes it at once: only what is left counts.
    this.#iterator?.settle();
    if (this.isFull) this.#host.stopReading();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.deliverSoon();
  }

  /** @throws Error while another iteration runs: the two would share the messages by chance */
  iterate(): MessageIterator {
    if (this.#iterator !== null) throw new Error("the messages of this connection are being iterated already");
    this.#inbox ??= new Inbox();
    this.#iterator = new MessageIterator(this.#inbox, this.#host, {
      onTaken: () => this.#onTaken(),
      onIterationEnd: () => {
        this.#iterator = null;
        this.deliverSoon();
      },
    });
    return this.#iterator;
  }

  /** No message will come any more: a waiting loop learns it. */
  onInputEnd(): void {
    this.#iterator?.settle();
  }

  /** Hands out what waits, once the caller has done its work: who just subscribed may not be ready yet. */
  deliverSoon(): void {
    if (this.#scheduled || this.#inbox === null) return;
    this.#scheduled = true;
    process.nextTick(() => {
      this.#scheduled = false;
      this.#deliver();
    });
  }

  #deliver(): void {
    const inbox = this.#inbox;
    while (inbox !== null && !inbox.isEmpty) {
      if (this.#paused || this.#iterator !== null) return;
      if (!this.#host.hasMessageListener) break;
      this.#host.emitMessage(inbox.take() as Message);
      // Reading on may bring more messages of the chunk at hand: they queue up behind.
      if (inbox.isEmpty) this.#host.readOn();
    }
    this.#host.onDelivered();
  }

  #onTaken(): void {
    if (!this.isFull) this.#host.readOn();
    if (this.isEmpty) this.#host.onDelivered();
  }
}
