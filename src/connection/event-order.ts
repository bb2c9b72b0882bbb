import type { Endpoint } from "../endpoint/endpoint.ts";
import { CloseSignal } from "./close-signal.ts";
import { type AnyListener, type ConnectionEmitter, rejectDrain } from "./connection-emitter.ts";
import { Delivery, MESSAGES_DISCARDED } from "./delivery.ts";
import { DrainSignal } from "./drain-signal.ts";
import { emitGuarded } from "./guarded-emit.ts";
import type { Message } from "./message-queue.ts";

/**
 * The events of one connection that may have to wait: messages that nobody takes yet, `"drain"`, and `"close"` behind the
 * messages. Most connections need none of this until they are closed.
 */
export class EventOrder<Face> {
  readonly #emitter: ConnectionEmitter;
  readonly #endpoint: Endpoint<Face, Message>;
  /** Made when a message first has to wait: most never do. */
  #delivery: Delivery | null = null;
  /** Made when `send()` or its like first returns `false`. */
  #drain: DrainSignal | null = null;
  /** Made when the connection is closed, or somebody waits for that. */
  #close: CloseSignal | null = null;

  constructor(emitter: ConnectionEmitter, endpoint: Endpoint<Face, Message>) {
    this.#emitter = emitter;
    this.#endpoint = endpoint;
  }

  /** The messages that wait, `null` if none has waited so far. */
  get delivery(): Delivery | null {
    return this.#delivery;
  }

  get delivered(): Delivery {
    if (this.#delivery !== null) return this.#delivery;
    const endpoint = this.#endpoint;
    const delivery = new Delivery(this.#emitter, endpoint, endpoint.settings.maxQueuedAmount, {
      onListenedTooLate: () => {
        endpoint.fail(MESSAGES_DISCARDED);
        if (endpoint.isInputEnded) this.onInputEnd();
      },
      onDelivered: () => this.settle(),
    });
    this.#delivery = delivery;
    if (endpoint.phase === "closedByUs") delivery.release();
    if (endpoint.isInputEnded) this.onInputEnd();
    this.hastenClose();
    return delivery;
  }

  get drain(): DrainSignal {
    this.#drain ??= new DrainSignal({
      emitDrain: () => emitGuarded(this.#emitter, "drain"),
      rejectDrain: () => rejectDrain(this.#emitter),
      onNeverDrained: () => this.#onNeverDrained(),
    });
    if (this.#endpoint.phase !== "open") this.#drain.end();
    return this.#drain;
  }

  get close(): CloseSignal {
    this.#close ??= new CloseSignal(this.#emitter, this.#endpoint, () => {
      return this.#delivery?.delaysClose(this.#endpoint.isAllRead, this.#drain?.isUnmet === true) === true;
    });
    return this.#close;
  }

  /** Somebody has begun to listen. */
  onListener(event: string, listener: AnyListener): void {
    if (event === "message") this.#delivery?.onListener();
    if (event === "drain" && this.#endpoint.phase !== "open") this.drain.rejectSoon();
    if (event === "close") this.#close?.onListener(listener);
  }

  /** Somebody may have stopped listening for messages. */
  onMessageListenerGone(): void {
    // Later, since another listener may follow at once.
    if (this.#close?.isWaiting === true) process.nextTick(() => this.settle());
  }

  /** The application has ended the connection: messages that it holds back no longer delay anything. */
  release(): void {
    this.#delivery?.release();
    this.settle();
  }

  /** Everything has left this process. */
  onAllSent(): void {
    this.#drain?.onAllSent();
  }

  /** Nothing can be sent any more. */
  onOutputEnd(): void {
    this.#drain?.end();
  }

  /**
   * While the application waits for "drain", it takes no messages, and only the close event releases it. So once the
   * transport is gone, nobody holds back what has arrived: it is no more than was read at once.
   */
  hastenClose(): void {
    if (this.#endpoint.phase === "disconnected" && this.#drain?.isUnmet === true) this.#delivery?.queueAll();
  }

  /** No message follows. A loop is not stopped by an error if the application itself has ended the connection. */
  onInputEnd(): void {
    const { error, firstError } = this.#endpoint;
    const isGap = firstError?.code === MESSAGES_DISCARDED.code;
    const loopError = isGap ? firstError : firstError?.code === "TERMINATED" ? null : error;
    this.#delivery?.onInputEnd({ error: loopError, firstError });
  }

  onClosed(): void {
    if (!this.#endpoint.hasFailed && this.#drain?.isReported !== true) rejectDrain(this.#emitter);
    this.close.onClosed();
  }

  /** Messages were taken, or nobody is about to take them any more: the close event may be due. */
  settle(): void {
    this.#close?.settle();
  }

  #onNeverDrained(): void {
    // If the connection is closed already, they were rejected then.
    if (this.#endpoint.phase !== "closed" && !this.#endpoint.hasFailed) this.#drain?.rejectSoon();
    this.hastenClose();
    this.settle();
  }
}
