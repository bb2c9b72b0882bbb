import { Deadline } from "../deadline.ts";
import { Inbox, type Message } from "./inbox.ts";
import { MessageIterator } from "./message-iterator.ts";

/** Milliseconds for which reading stops if nobody listens for messages; `pause()` stops it for longer. */
export const LISTENER_WAIT = 1_000;

/** The consumer of the messages: `"message"` listeners, a loop, or nobody for now, on purpose (`pause()`) or not. */
type Taker = "listeners" | "loop" | "paused" | "nobody";

/** What a full inbox leads to. */
type Overflow =
  /** Reading stops for as long as the taker may hold messages back. */
  | "stop"
  /** The application has closed the connection: messages are discarded, unless a loop takes them. */
  | "discard"
  /** Nothing more can arrive: everything is queued. */
  | "queue";

/** What a delivery needs of its connection. */
export interface DeliveryHost {
  /** Hands a message to the `"message"` listeners. @returns false where there is none */
  emitMessage(data: Message): boolean;
  readonly hasMessageListener: boolean;
  /** The inbox is full: no further messages are wanted for now. */
  stopReading(): void;
  /** There is room again, or messages are no longer held back. Messages may come before this returns. */
  readOn(): void;
  /** Somebody listens for messages after some were discarded because nobody had listened. */
  onListenedTooLate(): void;
  /** Whether no message will come any more. */
  readonly inputEnded: boolean;
  /** Why the connection was cut off by others than ourselves, `null` where it was closed in order. */
  readonly cutOff: Error | null;
  /** All that waited was taken, or nobody listens any more who could take it. */
  onDelivered(): void;
}

/**
 * Delivers messages to the application: straight to the listeners, or through an inbox if there is no listener, the
 * application has paused, or a loop takes them one by one.
 *
 * A full inbox stops the reading, and with it everything behind it on the wire: the Close frame and the end. So how
 * long that lasts depends on who holds the messages back. A loop and `pause()` may do so as long as they like; if
 * nobody listens, reading goes on after `LISTENER_WAIT`; and once the application has closed the connection, only a
 * loop still holds messages back. If the inbox is full then, a message is discarded with all that follow, so that the
 * delivered messages have no gap.
 */
export class Delivery {
  readonly #host: DeliveryHost;
  readonly #maxQueued: number;
  #paused = false;
  #scheduled = false;
  #inbox: Inbox | null = null;
  #iterator: MessageIterator | null = null;
  /** The wait for a listener: the timer, `"over"` once it has run out, `null` while somebody takes messages. */
  #listenerWait: Deadline | "over" | null = null;
  #overflow: Overflow = "stop";
  /** Whether a message was discarded: then all that follow are. */
  #discarding = false;

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

  get isIterated(): boolean {
    return this.#iterator !== null;
  }

  /** Whether the application has ended the connection. */
  get isReleased(): boolean {
    return this.#overflow === "discard";
  }

  /** Whether reading must stop: the inbox is full, and its consumer may hold messages back. */
  get isHoldingBack(): boolean {
    return this.#isFull && this.#mayHoldBack;
  }

  /** A message has arrived. */
  put(data: Message): void {
    this.#discarding ||= this.#overflow !== "queue" && this.#isFull && !this.#mayHoldBack;
    if (this.#discarding) return;
    const straight = !this.#paused && this.#iterator === null && this.isEmpty;
    if (straight && this.#host.emitMessage(data)) return;
    this.#inbox ??= new Inbox();
    this.#inbox.put(data);
    // A loop that waits takes it at once: only what is left counts.
    this.#iterator?.settle();
    if (this.isHoldingBack) this.#stopReading();
  }

  pause(): void {
    this.#paused = true;
    this.#endListenerWait();
    this.#readOnIfWanted();
  }

  resume(): void {
    this.#paused = false;
    this.deliverSoon();
  }

  /** @throws Error while another iteration runs: the two would share the messages by chance */
  iterate(): MessageIterator {
    if (this.#iterator !== null) throw new Error("the messages of this connection are being iterated already");
    this.#onTaker();
    this.#inbox ??= new Inbox();
    this.#iterator = new MessageIterator(this.#inbox, this.#host, {
      onTaken: () => this.#onTaken(),
      onIterationEnd: () => {
        this.#iterator = null;
        this.#readOnIfWanted();
        this.deliverSoon();
      },
    });
    return this.#iterator;
  }

  /** Somebody listens for messages from now on. */
  onListener(): void {
    this.#onTaker();
    this.deliverSoon();
  }

  /** The application has closed the connection: it holds back messages no longer, except by a loop that takes them. */
  release(): void {
    if (this.#overflow === "stop") this.#overflow = "discard";
    this.#endListenerWait();
    this.#readOnIfWanted();
  }

  /** Nothing is held back any more, and nothing more is discarded. To be called when no more bytes can arrive. */
  queueAll(): void {
    this.#overflow = "queue";
    this.#endListenerWait();
    this.#readOnIfWanted();
  }

  /** No message will come any more: a waiting loop ends. */
  onInputEnd(): void {
    this.#endListenerWait();
    this.#iterator?.settle();
  }

  /** Delivers the waiting messages, once the caller is done: a new listener may not be ready yet. */
  deliverSoon(): void {
    if (this.#scheduled || this.#inbox === null) return;
    this.#scheduled = true;
    process.nextTick(() => {
      this.#scheduled = false;
      this.#deliver();
    });
  }

  get #isFull(): boolean {
    return this.#inbox !== null && this.#inbox.cost >= this.#maxQueued;
  }

  get #taker(): Taker {
    if (this.#iterator !== null) return "loop";
    if (this.#paused) return "paused";
    return this.#host.hasMessageListener ? "listeners" : "nobody";
  }

  get #mayHoldBack(): boolean {
    if (this.#overflow === "queue") return false;
    const taker = this.#taker;
    if (taker === "loop" || taker === "listeners") return true;
    return this.#overflow === "stop" && (taker === "paused" || this.#listenerWait !== "over");
  }

  /** To be called after each change of the consumer, and whenever messages were taken. */
  #readOnIfWanted(): void {
    if (!this.isHoldingBack) this.#host.readOn();
  }

  #stopReading(): void {
    this.#host.stopReading();
    if (this.#taker === "nobody") this.#waitForListener();
  }

  #waitForListener(): void {
    this.#listenerWait ??= new Deadline(LISTENER_WAIT, () => {
      this.#listenerWait = "over";
      this.#readOnIfWanted();
    }).unref();
  }

  #endListenerWait(): void {
    if (this.#listenerWait !== "over") this.#listenerWait?.cancel();
    this.#listenerWait = null;
  }

  #onTaker(): void {
    this.#endListenerWait();
    if (this.#discarding && this.#overflow !== "discard") this.#host.onListenedTooLate();
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
    if (this.isHoldingBack) this.#waitForListener();
    this.#readOnIfWanted();
    this.#host.onDelivered();
  }

  #onTaken(): void {
    this.#readOnIfWanted();
    if (this.isEmpty) this.#host.onDelivered();
  }
}
