import type { Endpoint } from "../endpoint/endpoint.ts";
import { type AnyListener, type ConnectionEmitter, type ConnectionEvents, repeatClose } from "./connection-emitter.ts";
import { emitGuarded } from "./guarded-emit.ts";

/** How a connection has ended; see the `"close"` event. */
export interface CloseDetails {
  /** The code of the peer's Close frame: 1005 if it has none, 1006 if no Close frame came (RFC 6455 section 7.1.5). */
  readonly code: number;
  /** The reason in the peer's Close frame, "" for none. */
  readonly reason: string;
  /** Why the connection failed or was cut off; `null` if it was closed in order. */
  readonly error: ConnectionEvents["close"][2];
}

type State =
  | "open"
  /** The connection is closed, and messages come before the event. */
  | "waiting"
  | "emitted";

/**
 * Decides when `"close"` is emitted: once after the connection is closed, and behind the messages that somebody is about
 * to get. `connection.closed` is fulfilled at the same time.
 */
export class CloseSignal {
  readonly #emitter: ConnectionEmitter;
  readonly #endpoint: Pick<Endpoint<never, never>, "closeStatus" | "error">;
  readonly #mustWait: () => boolean;
  #state: State = "open";
  #closed: Promise<CloseDetails> | null = null;
  #resolve: ((details: CloseDetails) => void) | null = null;

  /** @param mustWait whether messages come before the event */
  constructor(
    emitter: ConnectionEmitter,
    endpoint: Pick<Endpoint<never, never>, "closeStatus" | "error">,
    mustWait: () => boolean,
  ) {
    this.#emitter = emitter;
    this.#endpoint = endpoint;
    this.#mustWait = mustWait;
  }

  /** A promise that never rejects; the same each time. */
  get closed(): Promise<CloseDetails> {
    this.#closed ??= new Promise((resolve) => {
      if (this.#state === "emitted") resolve(this.#details);
      else this.#resolve = resolve;
    });
    return this.#closed;
  }

  /** Whether the event waits for messages that come before it. */
  get isWaiting(): boolean {
    return this.#state === "waiting";
  }

  /** The connection is closed. */
  onClosed(): void {
    this.#state = "waiting";
    this.settle();
  }

  /** Messages were taken, or nobody is about to take them any more. */
  settle(): void {
    if (this.#state !== "waiting" || this.#mustWait()) return;
    this.#state = "emitted";
    const details = this.#details;
    this.#resolve?.(details);
    emitGuarded(this.#emitter, "close", details.code, details.reason, details.error);
  }

  /** Calls a listener that was attached after the event. */
  onListener(listener: AnyListener): void {
    if (this.#state !== "emitted") return;
    const { code, reason, error } = this.#details;
    repeatClose(this.#emitter, listener, [code, reason, error]);
  }

  get #details(): CloseDetails {
    const { code, reason } = this.#endpoint.closeStatus;
    return Object.freeze({ code, reason, error: this.#endpoint.error });
  }
}
