import { Deadline } from "../deadline.ts";
import { CloseCode, violation } from "../framing/index.ts";
import { type ConnectionEmitter, hasListener } from "./connection-emitter.ts";
import { emitMessage } from "./guarded-emit.ts";
import { iteratorOf } from "./iterator-view.ts";
import { type IterationListener, MessageIterator, type MessageLoop, type MessagesEnd } from "./message-iterator.ts";
import { type Message, MessageQueue } from "./message-queue.ts";
import { type MessageStream, MessageStreams, type PieceSource } from "./message-streams.ts";

/** The connection fails if somebody listens after messages were discarded: they would have a gap. */
export const MESSAGES_DISCARDED = violation(
  "MESSAGES_DISCARDED",
  CloseCode.InternalError,
  "RFC 6455 section 7.4.1",
  "messages were discarded, since more than maxQueuedAmount waited and nobody listened: call pause() to keep them",
);

/** Milliseconds for which reading stops if nobody listens for messages; `pause()` stops it for longer. */
export const LISTENER_WAIT = 1_000;

/** The consumer of the messages: `"message"` listeners, a loop, or nobody for now, on purpose (`pause()`) or not. */
type Taker = "listeners" | "loop" | "paused" | "nobody";

/** The consequence of a full queue. */
type Overflow =
  /** Reading stops for as long as the taker may hold messages back. */
  | "stop"
  /** The application has closed the connection: messages are discarded, unless a loop takes them. */
  | "discard"
  /** Nothing more can arrive: everything is queued. */
  | "queue";

/** The source of the messages. */
export interface MessageSource {
  /** The queue is full: no further messages are wanted for now. */
  pause(): void;
  /** Messages are wanted again. They may come before this returns. */
  resume(): void;
}

export interface DeliveryListener {
  /** Somebody listens for messages after some were discarded because nobody had listened. */
  onListenedTooLate(): void;
  /** All waiting messages were taken, or nobody listens any more who could take them. */
  onDelivered(): void;
}

/**
 * Delivers messages to the application: straight to the listeners, or through a queue if there is no listener, the
 * application has paused, or a loop takes them one by one.
 *
 * A full queue stops the reading, and with it everything behind it on the wire: the Close frame and the end. So how
 * long that lasts depends on who holds the messages back. A loop and `pause()` may do so as long as they like; if
 * nobody listens, reading goes on after `LISTENER_WAIT`; and once the application has closed the connection, only a
 * loop still holds messages back. If the queue is full then, a message is discarded with all that follow, so that the
 * delivered messages have no gap.
 */
export class Delivery {
  readonly #emitter: ConnectionEmitter;
  readonly #source: MessageSource;
  readonly #listener: DeliveryListener;
  readonly #maxQueued: number;
  #paused = false;
  #scheduled = false;
  #queue: MessageQueue | null = null;
  #loop: MessageLoop | null = null;
  /** The wait for a listener: the timer, `"over"` once it has run out, `null` while somebody takes messages. */
  #listenerWait: Deadline | "over" | null = null;
  #overflow: Overflow = "stop";
  /** Whether a message was discarded: then all later ones are discarded, too. */
  #discarding = false;

  #end: MessagesEnd | null = null;

  /** @param maxQueued the number of bytes that may wait before reading stops */
  constructor(emitter: ConnectionEmitter, source: MessageSource, maxQueued: number, listener: DeliveryListener) {
    this.#emitter = emitter;
    this.#source = source;
    this.#maxQueued = maxQueued;
    this.#listener = listener;
  }

  get isPaused(): boolean {
    return this.#paused;
  }

  get isEmpty(): boolean {
    return this.#queue?.isEmpty !== false && this.#loop?.isEmpty !== false;
  }

  get isIterated(): boolean {
    return this.#loop !== null;
  }

  /** Whether the application has ended the connection. */
  get isReleased(): boolean {
    return this.#overflow === "discard";
  }

  /** Whether reading must stop: the queue is full, and its consumer may hold messages back. */
  get isHoldingBack(): boolean {
    return this.#isFull && this.#mayHoldBack;
  }

  /**
   * Whether waiting messages come before the close event, since a listener is about to get them. A listener that has
   * paused delays the event unless the application itself has ended the connection or waits for `"drain"`.
   *
   * @param isAllRead whether no more will come
   * @param isDrainUnmet whether the application waits for a `"drain"` that never comes
   */
  delaysClose(isAllRead: boolean, isDrainUnmet: boolean): boolean {
    if (this.isIterated || !hasListener(this.#emitter, "message")) return false;
    if (this.isEmpty && isAllRead) return false;
    return !(this.#paused && (this.isReleased || isDrainUnmet));
  }

  /** A message has arrived. */
  put(data: Message): void {
    this.#discarding ||= this.#overflow !== "queue" && this.#isFull && !this.#mayHoldBack;
    if (this.#discarding) return;
    const straight = !this.#paused && this.#loop === null && this.isEmpty;
    if (straight && emitMessage(this.#emitter, data)) return;
    // A loop that waits takes it at once: only what is left counts.
    if (this.#loop !== null) this.#loop.put(data);
    else this.#waiting.put(data);
    this.#stopIfFull();
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

  /** @throws Error while another loop runs: the two would share the messages by chance */
  iterate(): ReturnType<typeof iteratorOf<Message>> {
    return iteratorOf(this.#begin((queue, listener) => new MessageIterator(queue, listener)));
  }

  /** @throws as `iterate()` does */
  stream(source: PieceSource): AsyncIterableIterator<MessageStream, undefined, undefined> {
    const further = { onPut: () => this.#stopIfFull(), onWhole: (message: Message) => this.put(message) };
    const streams = this.#begin((queue, listener) => new MessageStreams(queue, source, { ...listener, ...further }));
    return iteratorOf(streams);
  }

  /** Somebody listens for messages from now on. */
  onListener(): void {
    this.#onTaker();
    this.deliverSoon();
  }

  /** The application has closed the connection: messages are no longer held back, except by a loop that takes them. */
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

  /** No message follows: a waiting loop ends. */
  onInputEnd(end: MessagesEnd): void {
    this.#end = end;
    this.#endListenerWait();
    this.#loop?.end(end);
  }

  /** Delivers the waiting messages in the next tick: a new listener may not be ready yet. */
  deliverSoon(): void {
    if (this.#scheduled || this.#queue === null) return;
    this.#scheduled = true;
    process.nextTick(() => {
      this.#scheduled = false;
      this.#deliver();
    });
  }

  get #isFull(): boolean {
    return (this.#queue?.cost ?? 0) + (this.#loop?.cost ?? 0) >= this.#maxQueued;
  }

  get #waiting(): MessageQueue {
    this.#queue ??= new MessageQueue();
    return this.#queue;
  }

  get #taker(): Taker {
    if (this.#loop !== null) return "loop";
    if (this.#paused) return "paused";
    return hasListener(this.#emitter, "message") ? "listeners" : "nobody";
  }

  get #mayHoldBack(): boolean {
    if (this.#overflow === "queue") return false;
    const taker = this.#taker;
    if (taker === "loop" || taker === "listeners") return true;
    return this.#overflow === "stop" && (taker === "paused" || this.#listenerWait !== "over");
  }

  /** To be called after each change of the consumer, and whenever messages were taken. */
  #readOnIfWanted(): void {
    if (!this.isHoldingBack) this.#source.resume();
  }

  #stopIfFull(): void {
    if (this.isHoldingBack) this.#stopReading();
  }

  #stopReading(): void {
    this.#source.pause();
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
    if (this.#discarding && this.#overflow !== "discard") this.#listener.onListenedTooLate();
  }

  #begin<Loop extends MessageLoop>(make: (queue: MessageQueue, listener: IterationListener) => Loop): Loop {
    if (this.#loop !== null) throw new Error("the messages of this connection are being iterated already");
    this.#onTaker();
    const loop = make(this.#waiting, {
      onTaken: () => this.#onTaken(),
      onIterationEnd: () => this.#onLoopEnd(loop),
    });
    this.#loop = loop;
    if (this.#end !== null) loop.end(this.#end);
    return loop;
  }

  #onLoopEnd(loop: MessageLoop): void {
    if (this.#loop === loop) this.#loop = null;
    this.#readOnIfWanted();
    this.deliverSoon();
  }

  #deliver(): void {
    const queue = this.#queue;
    while (queue !== null && !queue.isEmpty) {
      if (this.#paused || this.#loop !== null) return;
      if (!hasListener(this.#emitter, "message")) break;
      emitMessage(this.#emitter, queue.take() as Message);
      // Reading on may add more messages of the current chunk to the queue.
      if (queue.isEmpty) this.#source.resume();
    }
    if (this.isHoldingBack) this.#waitForListener();
    this.#readOnIfWanted();
    this.#listener.onDelivered();
  }

  #onTaken(): void {
    this.#readOnIfWanted();
    if (this.isEmpty) this.#listener.onDelivered();
  }
}
