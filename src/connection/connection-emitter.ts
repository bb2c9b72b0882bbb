import { EventEmitter } from "node:events";
import { ConnectionError } from "../endpoint/connection-error.ts";
import { runGuarded } from "../uncaught.ts";
import { NEVER_DRAINED } from "./drain-signal.ts";
import { emitGuarded } from "./guarded-emit.ts";
import type { Message } from "./message-queue.ts";
import type { BinaryData } from "./payload.ts";
import type { PreparedMessage } from "./prepared-message.ts";

/** The events of a connection, with the arguments of their listeners. */
export interface ConnectionEvents {
  /** A message: a string for text, a Buffer for binary. */
  message: [data: Message];
  /** A ping arrived; it has been answered already. */
  ping: [payload: Buffer];
  /** A pong arrived. */
  pong: [payload: Buffer];
  /**
   * Everything has left this process, after `send()`, `ping()` or `pong()` returned `false` or a broadcast left as much
   * waiting. Not emitted once nothing can be sent any more: then `close` follows. If somebody waits for it by `once()`
   * then or later, and listens for errors, an `"error"` is emitted, so that `await once(connection, "drain")` is rejected.
   */
  drain: [];
  /**
   * A message was dropped because `maxBufferedAmount` was reached and `overflow` is `"drop"`. It is what `send()` was
   * given; of a broadcast always the prepared message, whose `data` has the message.
   */
  drop: [data: string | BinaryData | PreparedMessage];
  /** The connection failed. Nobody has to listen: `close` follows and has it too. */
  error: [error: ConnectionError];
  /**
   * The connection is closed; a listener that is attached later is called as well. The code and reason are those of the
   * peer's Close frame: 1005 if it has none, 1006 if no Close frame came; then `error` says why (RFC 6455 section
   * 7.1.5).
   */
  close: [code: number, reason: string, error: ConnectionError | null];
}

/**
 * Learns who listens on the connections of a class. There is one for all of them, so that nothing internal is on their
 * prototype.
 */
export interface ListenerWatch<Emitter> {
  /** Somebody has begun to listen. */
  onListener(emitter: Emitter, event: string, listener: AnyListener): void;
  /** Somebody may have stopped listening for messages. */
  onMessageListenerGone(emitter: Emitter): void;
}

export type AnyListener = (...args: unknown[]) => void;

const { listenerCount, rawListeners } = EventEmitter.prototype;

/** The events of a connection: it learns when somebody begins or stops to listen. */
export class ConnectionEmitter extends EventEmitter<ConnectionEvents> {
  readonly #watch: ListenerWatch<this>;

  constructor(watch: ListenerWatch<ConnectionEmitter>) {
    super();
    this.#watch = watch as ListenerWatch<this>;
  }

  override on<K extends keyof ConnectionEvents>(event: K, listener: (...args: ConnectionEvents[K]) => void): this;
  override on(event: string, listener: (...args: never[]) => void): this {
    super.on(event as keyof ConnectionEvents, listener as () => void);
    this.#watch.onListener(this, event, listener as AnyListener);
    return this;
  }

  override addListener<K extends keyof ConnectionEvents>(
    event: K,
    listener: (...args: ConnectionEvents[K]) => void,
  ): this {
    return this.on(event, listener);
  }

  override prependListener<K extends keyof ConnectionEvents>(
    event: K,
    listener: (...args: ConnectionEvents[K]) => void,
  ): this;
  override prependListener(event: string, listener: (...args: never[]) => void): this {
    super.prependListener(event as keyof ConnectionEvents, listener as () => void);
    this.#watch.onListener(this, event, listener as AnyListener);
    return this;
  }

  override removeListener<K extends keyof ConnectionEvents>(
    event: K,
    listener: (...args: ConnectionEvents[K]) => void,
  ): this;
  override removeListener(event: string, listener: (...args: never[]) => void): this {
    super.removeListener(event as keyof ConnectionEvents, listener as () => void);
    if (event === "message") this.#watch.onMessageListenerGone(this);
    return this;
  }

  override off<K extends keyof ConnectionEvents>(event: K, listener: (...args: ConnectionEvents[K]) => void): this {
    return this.removeListener(event, listener);
  }

  override removeAllListeners(event?: keyof ConnectionEvents): this {
    // node looks at the number of arguments.
    if (event === undefined) super.removeAllListeners();
    else super.removeAllListeners(event);
    this.#watch.onMessageListenerGone(this);
    return this;
  }
}

/** Nobody listens on an emitter whose `_events`, a property of node's, the application has replaced. */
export function hasListener(emitter: ConnectionEmitter, event: keyof ConnectionEvents): boolean {
  try {
    return listenerCount.call(emitter, event) > 0;
  } catch {
    return false;
  }
}

function listenersOf(emitter: ConnectionEmitter, event: keyof ConnectionEvents): readonly unknown[] {
  return hasListener(emitter, event) ? rawListeners.call(emitter, event) : [];
}

/** Rejects every pending `once(connection, "drain")`: no drain follows the end, and the end may have no error. */
export function rejectDrain(emitter: ConnectionEmitter): void {
  if (!hasListener(emitter, "error")) return;
  // The wrapper of a listener that was attached by once() has a property of this name.
  const isAwaited = listenersOf(emitter, "drain").some((listener) => "listener" in (listener as object));
  if (isAwaited) emitGuarded(emitter, "error", new ConnectionError(NEVER_DRAINED));
}

/** Calls a listener that was attached after the close event, unless it was detached again. */
export function repeatClose(
  emitter: ConnectionEmitter,
  listener: AnyListener,
  details: ConnectionEvents["close"],
): void {
  process.nextTick(() => {
    if (!listenersOf(emitter, "close").includes(listener)) return;
    runGuarded(() => Reflect.apply(listener, emitter, details));
  });
}
