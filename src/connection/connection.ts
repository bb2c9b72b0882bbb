import { Deadline } from "../deadline.ts";
import { withoutStack } from "../errors.ts";
import type { MessagePipeline, SendOptions } from "../extensions/index.ts";
import {
  ABNORMAL_CLOSURE,
  type CloseStatus,
  type ControlOpcode,
  closeStatus,
  encodeClosePayload,
  isCloseCode,
  Opcode,
  parseClosePayload,
  type Role,
  shortenedReason,
} from "../framing/index.ts";
import { type Violation, Violations } from "../framing/violations.ts";
import {
  type ClosingEffect,
  type ClosingEvent,
  type ClosingState,
  canRead,
  canSend,
  OPEN,
  stepClosing,
} from "./closing-handshake.ts";
import {
  checkCloseArguments,
  checkControlArguments,
  madeByApplication,
  NO_OPTIONS,
  sendOptions,
} from "./connection-arguments.ts";
import { ConnectionEmitter, type ConnectionEvents } from "./connection-emitter.ts";
import { ConnectionError } from "./connection-error.ts";
import { type ConnectionLoss, ConnectionLosses } from "./connection-losses.ts";
import { Delivery } from "./delivery.ts";
import { DrainSignal } from "./drain-signal.ts";
import type { Message } from "./inbox.ts";
import { Intake } from "./intake.ts";
import { judgeKeepAlive } from "./keep-alive.ts";
import { Outbox } from "./outbox.ts";
import { OutgoingMessages } from "./outgoing-messages.ts";
import { OutputWatch } from "./output-watch.ts";
import { asBytes, type BinaryData, controlPayload } from "./payload.ts";
import { PingClock } from "./ping-clock.ts";
import { PreparedMessage } from "./prepared-message.ts";
import type { SharedResources } from "./shared.ts";
import type { Transport } from "./transport.ts";

/** What the opening handshake has settled. */
export interface ConnectionTerms<Auth = unknown> {
  readonly role: Role;
  /** The subprotocol in use, "" for none. */
  readonly protocol: string;
  /** The extensions in use as `Sec-WebSocket-Extensions` names them, "" for none. */
  readonly extensions: string;
  /** The extensions at work on messages, where there are any. */
  readonly pipeline?: MessagePipeline | null;
  readonly auth: Auth;
}

/** Errors that the close event alone reports. */
const WITHOUT_EVENT: ReadonlySet<string> = new Set([
  ConnectionLosses.TERMINATED.code,
  ConnectionLosses.CUT_OFF.code,
  ConnectionLosses.CLOSE_TIMEOUT.code,
]);
const READY_STATES = { open: 1, closedByUs: 2, closeAcknowledged: 2, failed: 2, disconnected: 2, closed: 3 } as const;

/**
 * One WebSocket connection, on either side, after the opening handshake.
 *
 * Messages that arrive before anybody listens wait for the first `"message"` listener or loop. When more wait than
 * `maxQueuedAmount`, reading stops, and pings, Close frames and the peer's end wait as well. A loop and `pause()` may
 * stop it for as long as they like. If nobody listens, reading continues after one second: messages past the bound are
 * then discarded, and the connection fails with 1011 if somebody listens after all.
 */
// It is also the listener of its transport, reader, outbox, delivery and sweep. Those methods are not for the
// application, and left out of the shipped types, so the interfaces cannot be named in an `implements`.
export class Connection<Auth = unknown> extends ConnectionEmitter implements AsyncIterable<Message> {
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;

  /** The subprotocol in use, "" for none. */
  readonly protocol: string;
  /** The extensions in use as `Sec-WebSocket-Extensions` names them, "" for none. */
  readonly extensions: string;
  /** What the server's `authenticate` returned for this connection. */
  readonly auth: Auth;

  readonly #role: Role;
  readonly #transport: Transport;
  readonly #shared: SharedResources;
  /** Made with the first frame that goes out, or the first bytes that come in. */
  #madeOutbox: Outbox | null = null;
  /** The extensions, as long as there is something to read. */
  #pipeline: MessagePipeline | null;
  /** Made with the first message that goes through the extensions. */
  #outgoing: OutgoingMessages | null = null;
  /** Made when `send()` or its like first returns `false`. */
  #drain: DrainSignal | null = null;
  /** Made with the first bytes that come in. */
  #intake: Intake | null = null;

  #closing: ClosingState = OPEN;
  #closeDeadline: Deadline | null = null;
  #error: ConnectionError | null = null;
  /** The error of the transport. */
  #transportError: Error | null = null;

  #receivedAt: number;
  #messageAt: number;
  #pingedAt: number;
  /** Made with the first keep-alive ping. */
  #pings: PingClock | null = null;
  /** Made when a sweep first finds a backlog. */
  #outputWatch: OutputWatch | null = null;
  /** Made when a message first has to wait: most never do. */
  #delivery: Delivery | null = null;

  /** Whether the close event has been emitted, or waits for messages that come before it. */
  #closeEvent: "none" | "waiting" | "emitted" = "none";

  /** @internal */
  constructor(transport: Transport, terms: ConnectionTerms<Auth>, shared: SharedResources) {
    super();
    if (shared?.sweep === undefined) throw madeByApplication();
    this.protocol = terms.protocol;
    this.extensions = terms.extensions;
    this.auth = terms.auth;
    this.#role = terms.role;
    this.#pipeline = terms.pipeline ?? null;
    this.#transport = transport;
    this.#shared = shared;
    shared.sweep.add(this);
    this.#receivedAt = shared.sweep.now;
    this.#messageAt = shared.sweep.now;
    this.#pingedAt = shared.sweep.now;
  }

  /** 1 (OPEN), 2 (CLOSING) or 3 (CLOSED), as in browsers. */
  get readyState(): 1 | 2 | 3 {
    return READY_STATES[this.#closing.phase];
  }

  /**
   * Bytes, with the frames' headers, that were sent and have not left this process. While a message is being
   * compressed in zlib's threads, each that waits for it counts 64 bytes more.
   */
  get bufferedAmount(): number {
    return (this.#madeOutbox?.bufferedAmount ?? 0) + (this.#outgoing?.waitingBytes ?? 0);
  }

  /** Milliseconds from the last keep-alive ping to its pong; `null` before the first. */
  get roundTripTime(): number | null {
    return this.#pings?.roundTripTime ?? null;
  }

  /**
   * The code of the `"close"` event: that of the peer's Close frame, 1005 if it has none, 1006 if no Close frame came;
   * `null` until the connection is closed.
   */
  get closeCode(): number | null {
    return this.readyState === Connection.CLOSED ? this.#closeStatus.code : null;
  }

  /** The reason in the peer's Close frame; "" if it has none, and until the connection is closed. */
  get closeReason(): string {
    return this.readyState === Connection.CLOSED ? this.#closeStatus.reason : "";
  }

  /** Why the connection failed or was cut off; `null` until then, and if it was closed in order. */
  get error(): ConnectionError | null {
    return this.#closing.received === null ? this.#error : null;
  }

  /** The peer's address, where the transport has one. */
  get remoteAddress(): string | undefined {
    return this.#transport.remoteAddress;
  }

  /** Whether `pause()` holds messages back. */
  get isPaused(): boolean {
    return this.#delivery?.isPaused === true;
  }

  /**
   * Sends a message: text for a string, binary for bytes. Bytes are copied, so they may be changed, transferred or
   * resized at once. What `prepare()` has made was copied then, and is not copied again for each connection.
   *
   * If the process ends in the same turn, as by `process.exit()`, the message still leaves if the system takes it at
   * once. A message that zlib's threads compress is lost then. Over TLS, so is a message that follows another write of
   * the same turn, such as the response of the handshake.
   *
   * @param options whether to compress it, where compression was negotiated; a prepared message has its own
   * @returns `false` if `highWaterMark` or more bytes wait: then `"drain"` follows when all have left, or `"close"` if
   *   the connection closes first. Also `false`, and nothing is sent, if the connection is not open any more.
   * @throws TypeError for anything but a string, an ArrayBuffer or a view of one, and for options that are not valid
   */
  send(data: string | BinaryData | PreparedMessage, options?: SendOptions): boolean;
  send(data: string | BinaryData | PreparedMessage, given = NO_OPTIONS, callback?: unknown): boolean {
    const options = given === NO_OPTIONS && callback === undefined ? NO_OPTIONS : sendOptions(given, callback);
    // Bytes are asked for before others: an `instanceof` that fails looks at all prototypes.
    const isMessage = typeof data === "string" || data instanceof Uint8Array || data instanceof PreparedMessage;
    const message = isMessage ? data : asBytes(data);
    // RFC 6455 section 6.1: "The endpoint MUST ensure the WebSocket connection is in the OPEN state".
    if (!this.#acceptsFrames) return this.#awaitDrain();
    const outbox = this.#outbox;
    if (this.bufferedAmount > 0 && !this.#hasRoomFor(message)) return this.#overflow(data);
    this.#messageAt = this.#shared.sweep.now;
    if (this.#pipeline !== null) this.#encoded(this.#pipeline).send(message, options);
    else if (typeof message === "string") outbox.addText(message);
    else if (message instanceof Uint8Array) outbox.addBytes(message);
    else outbox.addFrame(message.plain);
    return this.bufferedAmount < this.#shared.settings.highWaterMark || this.#awaitDrain();
  }

  /**
   * Sends a ping; the peer answers with a pong of the same payload, at most 125 bytes.
   *
   * @returns as `send()` does. A ping that would exceed `maxBufferedAmount` is not sent, whatever `overflow` says: the
   *   connection goes on, there is no `"drop"` event, and `"drain"` or `"close"` follows.
   * @throws RangeError for a longer payload, TypeError for a payload of another type
   */
  ping(payload?: string | BinaryData): boolean;
  ping(payload: string | BinaryData = "", ...further: unknown[]): boolean {
    checkControlArguments("ping", further);
    return this.#sendControl(Opcode.Ping, controlPayload(payload));
  }

  /**
   * Sends an unsolicited pong, as a heartbeat in one direction. At most 125 bytes.
   *
   * @returns as `ping()` does
   * @throws as `ping()` does
   */
  pong(payload?: string | BinaryData): boolean;
  pong(payload: string | BinaryData = "", ...further: unknown[]): boolean {
    checkControlArguments("pong", further);
    return this.#sendControl(Opcode.Pong, controlPayload(payload));
  }

  /**
   * Starts the closing handshake (RFC 6455 section 7.1.2). What was sent before goes out first; messages of the peer
   * still arrive until its Close frame does. Messages that are not consumed do not delay the end: if the application
   * has paused or does not listen, those past `maxQueuedAmount` are discarded. Does nothing when the connection is
   * closing already.
   *
   * @param code 1000-1003, 1007-1014 or 3000-4999; without one the Close frame is empty
   * @param reason at most 123 bytes of UTF-8
   * @throws RangeError for another code or a longer reason, TypeError for a code that is not a number, a reason that is
   *   not a string, and further arguments
   */
  close(code?: number, reason?: string): void;
  close(code?: number, reason = "", ...further: unknown[]): void {
    checkCloseArguments(further);
    this.#step({ type: "close", status: closeStatus(code, reason) });
    this.#release();
  }

  /**
   * Ends the connection at once, without the closing handshake; the peer sees 1006. Of the messages sent before, only
   * those leave that the system takes at once. A message that is being compressed in zlib's threads is lost.
   */
  terminate(): void {
    try {
      this.#madeOutbox?.flush();
    } finally {
      this.#lose(ConnectionLosses.TERMINATED);
      this.#release();
    }
  }

  /**
   * Holds messages back until `resume()`, `close()` or `terminate()`. Reading stops when more wait than
   * `maxQueuedAmount`.
   */
  pause(): void {
    this.#delivered().pause();
    this.onDelivered();
  }

  /** Lets messages come again after `pause()`, in a later turn of the event loop. */
  resume(): void {
    this.#delivery?.resume();
  }

  /** Takes the messages one at a time; while a loop runs, they go to it and not to `"message"` listeners. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Message, undefined, undefined> {
    return this.#delivered().iterate();
  }

  /**
   * Begins to read.
   *
   * @param head bytes that came with the opening handshake
   * @internal
   */
  start(head: Buffer): void {
    this.#transport.start(this);
    if (head.length > 0) this.onData(head);
  }

  /** @internal */
  onData(chunk: Buffer): void {
    this.#receivedAt = this.#shared.sweep.now;
    if (canRead(this.#closing)) this.#input.push(chunk);
  }

  /** @internal */
  onDrain(): void {
    this.#madeOutbox?.onTransportDrain();
  }

  /** @internal */
  onEnd(): void {
    if (this.#intake === null) this.onInputEnd();
    else this.#intake.end();
  }

  /** @internal */
  onInputEnd(): void {
    this.#step({ type: "inputEnded" });
    this.#afterInput();
  }

  /** @internal */
  onClose(error: Error | null): void {
    this.#transportError = error;
    this.#step({ type: "transportClosed", allRead: this.#isAllRead });
    if (this.readyState === Connection.CLOSED) return;
    this.#outgoing?.discard();
    this.#madeOutbox?.discard();
    this.#intake?.end();
    this.#hastenClose();
  }

  /** @internal */
  onMessage(data: Message): void {
    this.#messageAt = this.#shared.sweep.now;
    if (this.#delivery === null && this.emitMessage(data)) return;
    this.#delivered().put(data);
  }

  /** @internal */
  onViolation(violation: Violation, cause?: unknown): void {
    this.#fail(violation, cause);
  }

  /** @internal */
  onListenedTooLate(): void {
    if (canRead(this.#closing)) this.#fail(Violations.MESSAGES_DISCARDED);
    else this.#report(new ConnectionError(Violations.MESSAGES_DISCARDED));
  }

  /** @internal */
  onChunkBegin(): void {
    this.#outbox.cork();
  }

  /** @internal */
  onChunkEnd(): void {
    this.#outbox.uncork();
    this.#afterInput();
  }

  /** @internal */
  onCaughtUp(): void {
    this.#afterInput();
    if (this.#delivery?.isEmpty !== false) this.onDelivered();
  }

  /** @internal */
  onEncodingFailed(error: unknown): void {
    this.#fail(Violations.EXTENSION_FAILED, error);
  }

  /** @internal */
  override onMessageListener(): void {
    this.#delivery?.onListener();
  }

  /** @internal */
  override onMessageListenerGone(): void {
    // Later, since another listener may follow at once.
    if (this.#closeEvent === "waiting") process.nextTick(() => this.onDelivered());
  }

  /** @internal */
  override get closeArguments(): ConnectionEvents["close"] | null {
    return this.#closeEvent === "emitted" ? this.#closeDetails : null;
  }

  /** @internal */
  stopReading(): void {
    this.#intake?.stopReading();
  }

  /** @internal */
  readOn(): void {
    this.#intake?.readOn();
  }

  /** @internal */
  get isHeldBack(): boolean {
    return this.#delivery?.isHoldingBack === true;
  }

  /** @internal */
  get inputEnded(): boolean {
    return this.#closing.phase === "closed" && this.#isAllRead;
  }

  /** @internal */
  get cutOff(): ConnectionError | null {
    if (this.#error?.code === Violations.MESSAGES_DISCARDED.code) return this.#error;
    return this.#error?.code === ConnectionLosses.TERMINATED.code ? null : this.error;
  }

  /** @internal */
  onDelivered(): void {
    if (this.#closeEvent === "waiting" && !this.#closeMustWait) this.#emitClose();
  }

  /** @internal */
  onControlFrame(opcode: ControlOpcode, chunk: Buffer, start: number, end: number): Violation | null {
    switch (opcode) {
      case Opcode.Ping:
        return this.#onPing(chunk.subarray(start, end));
      case Opcode.Pong:
        return this.#onPong(chunk.subarray(start, end));
      case Opcode.Close:
        return this.#onCloseFrame(chunk, start, end);
    }
  }

  /** @internal */
  onAllEncoded(): void {
    if (this.bufferedAmount === 0) this.#drain?.onAllSent();
  }

  /** @internal */
  onOutboxEmpty(): void {
    if (this.#outgoing?.isEmpty !== false) this.#drain?.onAllSent();
  }

  /** @internal */
  emitDrain(): void {
    this.tell("drain");
  }

  /** @internal */
  onNeverDrained(): void {
    // If the connection is closed already, they were rejected then.
    if (this.readyState !== Connection.CLOSED && !this.#isErrorEmitted) this.refuseDrainSoon();
    this.#hastenClose();
    this.onDelivered();
  }

  /** @internal */
  override get canDrain(): boolean {
    return canSend(this.#closing);
  }

  /** @internal */
  onPingLeft(): void {
    this.#pings?.onLeft();
  }

  /** @internal */
  flushAtExit(): void {
    this.#madeOutbox?.uncork();
    this.#madeOutbox?.flush();
  }

  /** @internal */
  onSweep(now: number): void {
    if (!canSend(this.#closing)) return;
    if (this.#seesProgress(now)) this.#messageAt = now;
    // Who does not read cannot tell whether the peer lives, or has something to say. But if the application waits until
    // the peer has taken what was sent, it may be the peer that holds up everything.
    if (this.#intake?.isStopped === true && this.#drain?.isAwaited !== true) {
      this.#receivedAt = now;
      this.#messageAt = now;
    }
    const readBy = this.#outputWatch?.readBy ?? 0;
    const times = { receivedAt: this.#receivedAt, pingedAt: this.#pingedAt, messageAt: this.#messageAt, readBy };
    switch (judgeKeepAlive(now, times, this.#shared.settings)) {
      case "ping":
        this.#pingedAt = now;
        this.#pings ??= new PingClock();
        if (!this.#pings.isWaiting) this.#outbox.addTrackedPing(this.#pings.next());
        break;
      case "dead":
        this.#lose(ConnectionLosses.PEER_DEAD);
        break;
      case "idle":
        this.close(1001, `no message for ${this.#shared.settings.idleTimeout} ms`);
        break;
      case "wait":
    }
  }

  #delivered(): Delivery {
    if (this.#delivery === null) {
      this.#delivery = new Delivery(this, this.#shared.settings.maxQueuedAmount);
      if (this.#closing.phase === "closedByUs") this.#delivery.release();
      this.#hastenClose();
    }
    return this.#delivery;
  }

  /** The application has ended the connection: messages that it holds back no longer delay anything. */
  #release(): void {
    this.#delivery?.release();
    this.onDelivered();
  }

  /**
   * Who waits for "drain" takes no messages meanwhile, and only the close event releases them. So once the transport is
   * gone, nobody holds back what has arrived: it is no more than was read at once.
   */
  #hastenClose(): void {
    if (this.#closing.phase === "disconnected" && this.#drain?.isUnmet === true) this.#delivery?.queueAll();
  }

  get #outbox(): Outbox {
    this.#madeOutbox ??= new Outbox(this.#transport, this.#role, this.#shared, this);
    return this.#madeOutbox;
  }

  get #input(): Intake {
    const { readers, settings } = this.#shared;
    this.#intake ??= new Intake(this.#transport, readers[this.#role], this.#pipeline, settings.maxPayload, this);
    return this.#intake;
  }

  #encoded(pipeline: MessagePipeline): OutgoingMessages {
    this.#outgoing ??= new OutgoingMessages(pipeline, this.#outbox, this);
    return this.#outgoing;
  }

  /** Takes a step behind the messages that arrived before. */
  #inArrivalOrder(step: () => void): void {
    if (this.#intake === null) step();
    else this.#intake.inOrder(step);
  }

  /** Takes a step behind the messages that were sent before. */
  #inSendingOrder(step: () => void): void {
    if (this.#outgoing === null) step();
    else this.#outgoing.inOrder(step);
  }

  /** Whether the peer has taken a part of the backlog since the last sweep. */
  #seesProgress(now: number): boolean {
    const outbox = this.#madeOutbox;
    if (outbox === null) return false;
    const isBacklogged = outbox.bufferedAmount > 0;
    if (isBacklogged) this.#outputWatch ??= new OutputWatch();
    return this.#outputWatch?.look(now, outbox.left, isBacklogged) === true;
  }

  /** Notes that `send()`, `ping()` or `pong()` returns `false`. */
  #awaitDrain(): false {
    this.#drain ??= new DrainSignal(this);
    if (!canSend(this.#closing)) this.#drain.end();
    this.#drain.await();
    return false;
  }

  /** Whether the connection is open and its transport has not failed. */
  get #acceptsFrames(): boolean {
    return canSend(this.#closing) && this.#madeOutbox?.isDiscarded !== true;
  }

  #hasRoomFor(message: string | Uint8Array | PreparedMessage): boolean {
    if (this.#fits(message)) return true;
    // Bytes that only wait for the end of the tick do not count.
    this.#outbox.flush();
    return this.bufferedAmount === 0 || this.#fits(message);
  }

  #fits(message: string | Uint8Array | PreparedMessage): boolean {
    const room = this.#shared.settings.maxBufferedAmount - this.bufferedAmount;
    if (typeof message !== "string") return message.byteLength <= room;
    return message.length * 3 <= room || Buffer.byteLength(message) <= room;
  }

  #overflow(data: string | BinaryData | PreparedMessage): false {
    this.#awaitDrain();
    if (this.#shared.settings.overflow === "drop") this.tell("drop", data);
    else this.#lose(ConnectionLosses.UNSENT_LIMIT);
    return false;
  }

  #sendControl(opcode: ControlOpcode, payload: Uint8Array): boolean {
    if (!this.#acceptsFrames) return this.#awaitDrain();
    if (this.bufferedAmount > 0 && !this.#hasRoomFor(payload)) return this.#awaitDrain();
    this.#outbox.addControl(opcode, payload);
    return this.bufferedAmount < this.#shared.settings.highWaterMark || this.#awaitDrain();
  }

  /** Whether all that has arrived was read and decoded. */
  get #isAllRead(): boolean {
    return this.#intake?.isAllRead !== false;
  }

  /** Once nothing more will come, whoever waits for it learns that, and nobody needs the extensions. */
  #afterInput(): void {
    if (!this.inputEnded) return;
    this.#closeExtensions();
    this.#delivery?.onInputEnd();
  }

  #closeExtensions(): void {
    const pipeline = this.#pipeline;
    this.#pipeline = null;
    try {
      pipeline?.close();
    } catch (error) {
      this.#report(failedBy(Violations.EXTENSION_FAILED, error));
    }
  }

  #onPing(payload: Buffer): null {
    // RFC 6455 section 5.5.2: a ping is answered "unless it already received a Close frame".
    if (canRead(this.#closing)) this.#outbox.addPong(payload);
    if (this.listenerCount("ping") > 0) this.tell("ping", Buffer.from(payload));
    return null;
  }

  #onPong(payload: Buffer): null {
    this.#pings?.onPong(payload);
    if (this.listenerCount("pong") > 0) this.tell("pong", Buffer.from(payload));
    return null;
  }

  #onCloseFrame(chunk: Buffer, start: number, end: number): Violation | null {
    const status = parseClosePayload(chunk, start, end);
    if ("section" in status) return status;
    this.#intake?.suspend();
    this.#inArrivalOrder(() => this.#step({ type: "closeReceived", status }));
    return null;
  }

  /** Fails the connection over something that the peer did (RFC 6455 section 7.1.7). */
  #fail(violation: Violation, cause?: unknown): void {
    if (!canRead(this.#closing)) return;
    // An extension of the application's own may break a rule in naming one.
    const code = isCloseCode(violation.closeCode) ? violation.closeCode : Violations.EXTENSION_FAILED.closeCode;
    const status = { code, reason: shortenedReason(String(violation.message)) };
    const error = cause === undefined ? new ConnectionError(violation) : failedBy(violation, cause);
    this.#giveUp(error, { type: "fail", status });
  }

  /** Ends the connection without a farewell. */
  #lose(loss: ConnectionLoss): void {
    if (this.#closing.phase === "closed") return;
    this.#intake?.suspend();
    this.#giveUp(new ConnectionError(loss), { type: "lost" });
  }

  /** The step comes before the event, so that a listener finds the connection as it is: nothing can be sent. */
  #giveUp(error: ConnectionError, event: ClosingEvent): void {
    this.#error ??= error;
    const isReported = !WITHOUT_EVENT.has(error.code);
    // Without a transport the step closes the connection, and no event may follow the close event.
    const closesAtOnce = this.#closing.phase === "disconnected";
    if (isReported && closesAtOnce) this.#report(error);
    this.#step(event);
    if (isReported && !closesAtOnce) this.#report(error);
  }

  #report(error: ConnectionError): void {
    this.#error ??= error;
    // An error event without a listener would throw (node:events): here the close event tells it.
    if (this.listenerCount("error") > 0) this.tell("error", error);
  }

  #step(event: ClosingEvent): void {
    const { state, effects } = stepClosing(this.#closing, event, this.#role);
    this.#closing = state;
    if (!canSend(state)) this.#drain?.end();
    for (const effect of effects) this.#carryOut(effect);
  }

  #carryOut(effect: ClosingEffect): void {
    switch (effect.type) {
      case "sendClose":
        this.#inSendingOrder(() => this.#outbox.addControl(Opcode.Close, encodeClosePayload(effect.status)));
        break;
      case "startTimer":
        this.#closeDeadline ??= new Deadline(this.#shared.settings.closeTimeout, () => this.#onCloseTimeout());
        break;
      case "endInput":
        this.#intake?.abandon();
        break;
      case "endTransport":
        this.#inSendingOrder(() => this.#outbox.end());
        break;
      case "destroyTransport":
        this.#stopTimer();
        this.#discard();
        this.#transport.destroy();
        break;
      case "finish":
        this.#finish();
        break;
    }
  }

  #onCloseTimeout(): void {
    if (this.#closing.received === null) {
      const detail = this.isHeldBack ? "a loop had not taken the messages that came before the peer's Close frame" : "";
      this.#error ??= new ConnectionError(ConnectionLosses.CLOSE_TIMEOUT, detail);
    }
    this.#step({ type: "timeout" });
  }

  #stopTimer(): void {
    this.#closeDeadline?.cancel();
    this.#closeDeadline = null;
  }

  #finish(): void {
    this.#stopTimer();
    this.#outgoing?.discard();
    this.#madeOutbox?.discard();
    this.#shared.sweep.delete(this);
    if (this.#closing.received === null && this.#error === null) this.#onCutOff();
    if (!this.#isErrorEmitted && this.#drain?.isReported !== true) this.refuseDrain();
    if (this.#closeMustWait) this.#closeEvent = "waiting";
    else this.#emitClose();
    this.#afterInput();
  }

  #onCutOff(): void {
    const cause = this.#transportError;
    const { TRANSPORT_FAILED, CUT_OFF } = ConnectionLosses;
    if (cause === null) this.#error = withoutStack(() => new ConnectionError(CUT_OFF));
    else this.#report(withoutStack(() => new ConnectionError(TRANSPORT_FAILED, cause.message, { cause })));
  }

  /** Whether an "error" event has reported the end of the connection. */
  get #isErrorEmitted(): boolean {
    return this.#error !== null && !WITHOUT_EVENT.has(this.#error.code);
  }

  /**
   * Waiting messages come before the close event if a listener is about to get them. A listener that has paused delays
   * the event unless the application itself has ended the connection or waits for `"drain"`.
   */
  get #closeMustWait(): boolean {
    const delivery = this.#delivery;
    if (delivery === null || delivery.isIterated || !this.hasMessageListener) return false;
    if (delivery.isEmpty && this.#isAllRead) return false;
    return !(delivery.isPaused && (delivery.isReleased || this.#drain?.isUnmet === true));
  }

  /** Abandons everything that is under way in both directions. */
  #discard(): void {
    this.#outgoing?.discard();
    this.#madeOutbox?.discard();
    this.#intake?.discardDecoding();
  }

  get #closeStatus(): CloseStatus {
    return this.#closing.received ?? { code: ABNORMAL_CLOSURE, reason: "" };
  }

  get #closeDetails(): ConnectionEvents["close"] {
    const { code, reason } = this.#closeStatus;
    return [code, reason, this.error];
  }

  #emitClose(): void {
    this.#closeEvent = "emitted";
    this.tell("close", ...this.#closeDetails);
  }
}

function failedBy(violation: Violation, cause: unknown): ConnectionError {
  return new ConnectionError(violation, cause instanceof Error ? cause.message : String(cause), { cause });
}
