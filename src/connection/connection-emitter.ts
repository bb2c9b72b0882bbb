import { ConnectionError } from "./connection-error.ts";
import { ConnectionLosses } from "./connection-losses.ts";
import type { Message } from "./inbox.ts";
import type { BinaryData } from "./payload.ts";
import type { PreparedMessage } from "./prepared-message.ts";
import { runGuarded, SafeEmitter, throwLater } from "./safe-emitter.ts";

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
   * given; of a broadcast always the prepared message, whose `data` tells what it says.
   */
  drop: [data: string | BinaryData | PreparedMessage];
  /** The connection failed. Nobody has to listen: `close` follows and tells it too. */
  error: [error: ConnectionError];
  /**
   * The connection is closed; a listener that is attached later is called as well. The code and reason are those of the
   * peer's Close frame: 1005 if it has none, 1006 if no Close frame came; then `error` says why (RFC 6455 section
   * 7.1.5).
   */
  close: [code: number, reason: string, error: ConnectionError | null];
}

/**
 * The events of a connection: it learns when somebody begins to listen for messages, and no listener can break it.
 */
export abstract class ConnectionEmitter extends SafeEmitter<ConnectionEvents> {
  #isRefusing = false;

  override on<K extends keyof ConnectionEvents>(event: K, listener: (...args: ConnectionEvents[K]) => void): this;
  override on(event: string, listener: (...args: never[]) => void): this {
    super.on(event as keyof ConnectionEvents, listener as () => void);
    this.#onListener(event, listener as (...args: unknown[]) => void);
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
    this.#onListener(event, listener as (...args: unknown[]) => void);
    return this;
  }

  override removeListener<K extends keyof ConnectionEvents>(
    event: K,
    listener: (...args: ConnectionEvents[K]) => void,
  ): this;
  override removeListener(event: string, listener: (...args: never[]) => void): this {
    super.removeListener(event as keyof ConnectionEvents, listener as () => void);
    if (event === "message") this.onMessageListenerGone();
    return this;
  }

  override off<K extends keyof ConnectionEvents>(event: K, listener: (...args: ConnectionEvents[K]) => void): this {
    return this.removeListener(event, listener);
  }

  override removeAllListeners(event?: keyof ConnectionEvents): this {
    // node looks at the number of arguments.
    if (event === undefined) super.removeAllListeners();
    else super.removeAllListeners(event);
    this.onMessageListenerGone();
    return this;
  }

  /** @internal */
  emitMessage(data: Message): boolean {
    try {
      return this.emit("message", data);
    } catch (error) {
      throwLater(error);
      return true;
    }
  }

  /** @internal */
  get hasMessageListener(): boolean {
    return this.listenerCount("message") > 0;
  }

  /** Somebody has begun to listen for messages. @internal */
  abstract onMessageListener(): void;

  /** Somebody may have stopped listening for messages. @internal */
  abstract onMessageListenerGone(): void;

  /** The arguments of the close event; `null` before it is emitted. @internal */
  abstract readonly closeArguments: ConnectionEvents["close"] | null;

  /** Whether "drain" may still be emitted. @internal */
  abstract readonly canDrain: boolean;

  /**
   * Rejects every pending `once(connection, "drain")`: no drain follows the end, and the end may have no error.
   *
   * @internal
   */
  refuseDrain(): void {
    if (this.listenerCount("error") === 0) return;
    // The wrapper of a listener that was attached by once() has a property of this name.
    const isAwaited = this.rawListeners("drain").some((listener) => "listener" in listener);
    if (isAwaited) this.tell("error", new ConnectionError(ConnectionLosses.NEVER_DRAINED));
  }

  /** The same, once for all who begin to wait in this tick. @internal */
  refuseDrainSoon(): void {
    if (this.#isRefusing) return;
    this.#isRefusing = true;
    process.nextTick(() => {
      this.#isRefusing = false;
      this.refuseDrain();
    });
  }

  #onListener(event: string, listener: (...args: unknown[]) => void): void {
    if (event === "message") this.onMessageListener();
    if (event === "drain" && !this.canDrain) this.refuseDrainSoon();
    if (event === "close" && this.closeArguments !== null) process.nextTick(() => this.#repeatClose(listener));
  }

  /** Calls a listener that was attached after the close event, unless it was detached again. */
  #repeatClose(listener: (...args: unknown[]) => void): void {
    const details = this.closeArguments;
    if (details === null || !this.rawListeners("close").includes(listener)) return;
    runGuarded(() => Reflect.apply(listener, this, details));
  }
}
