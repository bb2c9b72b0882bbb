import { Deadline } from "../deadline.ts";
import type { MessagePipeline, SendOptions } from "../extensions/index.ts";
import {
  ABNORMAL_CLOSURE,
  type CloseStatus,
  encodeClosePayload,
  isCloseCode,
  type MessageOpcode,
  Opcode,
  shortenedReason,
  type Violation,
  Violations,
} from "../framing/index.ts";
import {
  type ClosingEffect,
  type ClosingEvent,
  type ClosingPhase,
  type ClosingState,
  canRead,
  canSend,
  OPEN,
  receivedStatus,
  stepClosing,
} from "./closing-handshake.ts";
import { ConnectionError, cutOffBy, failedBy } from "./connection-error.ts";
import { type ConnectionLoss, ConnectionLosses } from "./connection-losses.ts";
import type { EndpointGroup } from "./endpoint-group.ts";
import type { FragmentListener, FragmentWriter } from "./fragment-writer.ts";
import type { FramedMessage } from "./framed-message.ts";
import { Liveness } from "./liveness.ts";
import type { PieceListener } from "./piece-reader.ts";
import { Receiver, type ReceiverListener } from "./receiver.ts";
import { Sender, type SenderListener, type SendResult } from "./sender.ts";
import type { EndpointSettings } from "./settings.ts";
import type { Transport, TransportListener } from "./transport.ts";

/** Errors that only `onClosed` reports: the connection ended, but it did not fail. */
const ENDINGS: ReadonlySet<string> = new Set([
  ConnectionLosses.TERMINATED.code,
  ConnectionLosses.CUT_OFF.code,
  ConnectionLosses.CLOSE_TIMEOUT.code,
]);

/**
 * One side of a WebSocket connection over a transport, after the opening handshake. It knows the protocol, its order and
 * its times. What an application sees of it is the work of a face, which gets it through an `EndpointListener`.
 */
export class Endpoint<Face, Message> implements TransportListener, ReceiverListener<Message>, SenderListener {
  readonly #transport: Transport;
  readonly #group: EndpointGroup<Face, Message>;
  #face!: Face;
  #liveness!: Liveness;
  /** The extensions, until nothing more is to be read. */
  #pipeline: MessagePipeline | null;
  /** Made with the first bytes that come in. */
  #madeReceiver: Receiver<Message> | null = null;
  /** Made with the first frame that goes out, or the first bytes that come in. */
  #madeSender: Sender | null = null;
  #closing: ClosingState = OPEN;
  #closeDeadline: Deadline | null = null;
  #error: ConnectionError | null = null;
  #transportError: Error | null = null;
  #isInputEnded = false;

  /** @param pipeline the extensions in use, `null` for none */
  constructor(transport: Transport, pipeline: MessagePipeline | null, group: EndpointGroup<Face, Message>) {
    this.#transport = transport;
    this.#pipeline = pipeline;
    this.#group = group;
  }

  get phase(): ClosingPhase {
    return this.#closing.phase;
  }

  get settings(): EndpointSettings {
    return this.#group.settings;
  }

  /** The peer's address, if the transport has one. */
  get remoteAddress(): string | undefined {
    return this.#transport.remoteAddress;
  }

  /**
   * Bytes, with the headers of the frames, that were sent and have not left this process. While a message is encoded
   * asynchronously, each message that waits for it counts 64 bytes more.
   */
  get bufferedAmount(): number {
    return this.#madeSender?.bufferedAmount ?? 0;
  }

  /** Milliseconds from the last keep-alive ping to its pong; `null` before the first. */
  get roundTripTime(): number | null {
    return this.#liveness.roundTripTime;
  }

  /** The code and the reason of the peer's Close frame; 1006 if none came (RFC 6455 section 7.1.5). */
  get closeStatus(): CloseStatus {
    return receivedStatus(this.#closing) ?? { code: ABNORMAL_CLOSURE, reason: "" };
  }

  /** Why the connection did not end by the closing handshake; `null` until then, and if it did. */
  get error(): ConnectionError | null {
    return receivedStatus(this.#closing) === null ? this.#error : null;
  }

  /** Whether `onFailure` has reported the end of the connection. */
  get hasFailed(): boolean {
    return this.#error !== null && !ENDINGS.has(this.#error.code);
  }

  /** The first error, also if the closing handshake was completed. */
  get firstError(): ConnectionError | null {
    return this.#error;
  }

  /** Whether everything that has arrived was read and decoded. */
  get isAllRead(): boolean {
    return this.#madeReceiver?.isAllRead !== false;
  }

  /** Whether no message follows. */
  get isInputEnded(): boolean {
    return this.#isInputEnded;
  }

  /** Binds the endpoint to its face. To be called once, before anything else. */
  attach(face: Face): void {
    this.#face = face;
    this.#group.open.add(this, face);
    this.#liveness = new Liveness(this.#group.now);
  }

  /**
   * Begins to read.
   *
   * @param rest bytes that came with the opening handshake
   */
  start(rest: Buffer): void {
    this.#transport.start(this);
    if (rest.length > 0) this.onData(rest);
  }

  sendText(text: string, options: SendOptions): SendResult {
    return canSend(this.#closing) ? this.#noted(this.#sender.sendText(text, options)) : "closed";
  }

  /** @param bytes are copied. Text must be valid UTF-8 */
  sendBytes(opcode: MessageOpcode, bytes: Uint8Array, options: SendOptions): SendResult {
    return canSend(this.#closing) ? this.#noted(this.#sender.sendBytes(opcode, bytes, options)) : "closed";
  }

  sendFramed(message: FramedMessage): SendResult {
    return canSend(this.#closing) ? this.#noted(this.#sender.sendFramed(message)) : "closed";
  }

  /**
   * Begins a message that is written in fragments, behind everything that was sent before.
   *
   * @returns `null` if nothing can be sent any more
   */
  openMessage(options: SendOptions, listener: FragmentListener): FragmentWriter | null {
    return canSend(this.#closing) ? this.#sender.openMessage(options, listener) : null;
  }

  /** @param payload at most 125 bytes. The ping is dropped if it would exceed `maxBufferedAmount` */
  ping(payload: Uint8Array): SendResult {
    return canSend(this.#closing) ? this.#sender.sendControl(Opcode.Ping, payload) : "closed";
  }

  /** Sends an unsolicited pong. @param payload as for `ping()` */
  pong(payload: Uint8Array): SendResult {
    return canSend(this.#closing) ? this.#sender.sendControl(Opcode.Pong, payload) : "closed";
  }

  /** Starts the closing handshake (RFC 6455 section 7.1.2), unless the connection is closing already. */
  close(status: CloseStatus): void {
    this.#step({ type: "close", status });
  }

  /** Ends the connection at once, without the closing handshake. */
  terminate(): void {
    try {
      this.#madeSender?.flush();
    } finally {
      this.#lose(ConnectionLosses.TERMINATED);
    }
  }

  /** Fails the connection (RFC 6455 section 7.1.7). If it is ending already, the error is only reported. */
  fail(violation: Violation, cause?: unknown): void {
    if (canRead(this.#closing)) this.onViolation(violation, cause);
    else this.#report(failedBy(violation, cause));
  }

  /**
   * Stops reading until `resume()`. Frames that were read already, and messages that are being decoded, still come. Pings
   * are not answered meanwhile, and the peer's end waits.
   */
  pause(): void {
    this.#receiver.pause();
  }

  /** Messages may come before this returns. */
  resume(): void {
    this.#madeReceiver?.resume();
  }

  /** From the next message on, the listener gets messages in pieces as they come; `null` ends that. */
  readPieces(listener: PieceListener<Message> | null): void {
    this.#receiver.readPieces(listener);
  }

  onData(chunk: Buffer): void {
    this.#liveness.receivedAt = this.#group.now;
    if (canRead(this.#closing)) this.#receiver.push(chunk);
  }

  onDrain(): void {
    this.#madeSender?.onTransportDrain();
  }

  onEnd(): void {
    if (this.#madeReceiver === null) this.onInputEnd();
    else this.#madeReceiver.end();
  }

  onClose(error: Error | null): void {
    this.#transportError = error;
    this.#step({ type: "transportClosed", allRead: this.isAllRead });
    if (this.#closing.phase === "closed") return;
    this.#madeSender?.discard();
    this.#madeReceiver?.end();
    this.#group.listener.onDisconnected(this.#face);
  }

  onMessage(opcode: MessageOpcode, message: Message): void {
    this.#liveness.messageAt = this.#group.now;
    this.#group.listener.onMessage(this.#face, opcode, message);
  }

  onPieceRead(): void {
    this.#liveness.messageAt = this.#group.now;
  }

  onPing(payload: Buffer): void {
    // RFC 6455 section 5.5.2: a ping is answered "unless it already received a Close frame".
    if (canRead(this.#closing)) this.#sender.addPong(payload);
    this.#group.listener.onPing(this.#face, payload);
  }

  onPong(payload: Buffer): void {
    this.#liveness.onPong(payload);
    this.#group.listener.onPong(this.#face, payload);
  }

  onCloseFrame(status: CloseStatus): void {
    this.#step({ type: "closeReceived", status });
  }

  onViolation(violation: Violation, cause?: unknown): void {
    if (!canRead(this.#closing)) return;
    // An extension of the application's own may break a rule in naming one.
    const code = isCloseCode(violation.closeCode) ? violation.closeCode : Violations.EXTENSION_FAILED.closeCode;
    const status = { code, reason: shortenedReason(String(violation.message)) };
    this.#endBy(failedBy(violation, cause), { type: "fail", status });
  }

  onChunkBegin(): void {
    this.#sender.cork();
  }

  onChunkEnd(): void {
    this.#sender.uncork();
    this.#endInput();
  }

  onCaughtUp(): void {
    this.#endInput();
  }

  onInputEnd(): void {
    this.#step({ type: "inputEnded" });
    this.#endInput();
  }

  onEncodingFailed(error: unknown): void {
    this.onViolation(Violations.EXTENSION_FAILED, error);
  }

  onUnsentLimit(): void {
    this.#lose(ConnectionLosses.UNSENT_LIMIT);
  }

  onDrained(): void {
    this.#group.listener.onDrain(this.#face);
  }

  onFragmentSent(): void {
    this.#liveness.messageAt = this.#group.now;
  }

  onPingSent(): void {
    this.#liveness.onPingSent();
  }

  flushAtExit(): void {
    this.#madeSender?.uncork();
    this.#madeSender?.flush();
  }

  onSweep(now: number): void {
    if (!canSend(this.#closing)) return;
    const sender = this.#madeSender;
    // While reading is stopped, nobody can know whether the peer lives, or has something to say. But if the application
    // waits until the peer has taken what was sent, the peer may be what delays everything.
    const isDeaf = this.#madeReceiver?.isStopped === true && sender?.isDrainAwaited !== true;
    const view = { left: sender?.left ?? 0, isBacklogged: (sender?.framedAmount ?? 0) > 0, isDeaf };
    switch (this.#liveness.judge(now, view, this.settings)) {
      case "ping":
        this.#sendPing(now);
        break;
      case "dead":
        this.#lose(ConnectionLosses.PEER_DEAD);
        break;
      case "idle":
        this.close({ code: 1001, reason: `no message for ${this.settings.idleTimeout} ms` });
        break;
      case "wait":
    }
  }

  get #receiver(): Receiver<Message> {
    this.#madeReceiver ??= new Receiver(this.#transport, this.#group, this.#pipeline, this);
    return this.#madeReceiver;
  }

  get #sender(): Sender {
    this.#madeSender ??= new Sender(this.#transport, this.#group, this.#pipeline, this);
    return this.#madeSender;
  }

  #noted(result: SendResult): SendResult {
    if (result === "sent" || result === "full") this.#liveness.messageAt = this.#group.now;
    return result;
  }

  #sendPing(now: number): void {
    const payload = this.#liveness.nextPing(now);
    if (payload !== null) this.#sender.addTrackedPing(payload);
  }

  /** Ends the connection without a Close frame. */
  #lose(loss: ConnectionLoss): void {
    if (this.#closing.phase === "closed") return;
    this.#madeReceiver?.suspend();
    this.#endBy(new ConnectionError(loss), { type: "lost" });
  }

  /** The step comes before the report, so that the face finds the connection as it is: nothing can be sent. */
  #endBy(error: ConnectionError, event: ClosingEvent): void {
    this.#error ??= error;
    const isFailure = !ENDINGS.has(error.code);
    // Without a transport the step closes the connection, and nothing may be reported after that.
    const closesAtOnce = this.#closing.phase === "disconnected";
    if (isFailure && closesAtOnce) this.#report(error);
    this.#step(event);
    if (isFailure && !closesAtOnce) this.#report(error);
  }

  #report(error: ConnectionError): void {
    this.#error ??= error;
    this.#group.listener.onFailure(this.#face, error);
  }

  #step(event: ClosingEvent): void {
    const before = this.#closing;
    const { state, effects } = stepClosing(before, event, this.#group.role);
    this.#closing = state;
    if (canSend(before) && !canSend(state)) this.#endOutput();
    for (const effect of effects) this.#carryOut(effect);
  }

  #endOutput(): void {
    this.#madeSender?.cancelMessages();
    this.#group.listener.onOutputEnd(this.#face);
  }

  #carryOut(effect: ClosingEffect): void {
    switch (effect.type) {
      case "sendClose":
        this.#sender.sendClose(encodeClosePayload(effect.status));
        break;
      case "startTimer":
        this.#closeDeadline ??= new Deadline(this.settings.closeTimeout, () => this.#onCloseTimeout());
        break;
      case "endInput":
        this.#madeReceiver?.abandon();
        break;
      case "endTransport":
        this.#sender.endInOrder();
        break;
      case "destroyTransport":
        this.#stopTimer();
        this.#madeSender?.discard();
        this.#madeReceiver?.discardDecoding();
        this.#transport.destroy();
        break;
      case "finish":
        this.#finish();
        break;
    }
  }

  #onCloseTimeout(): void {
    if (receivedStatus(this.#closing) === null) {
      const isHeldBack = this.#madeReceiver?.isPaused === true;
      const detail = isHeldBack ? "the application had not taken the messages before the peer's Close frame" : "";
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
    this.#madeSender?.discard();
    this.#group.open.delete(this, this.#face);
    if (receivedStatus(this.#closing) === null && this.#error === null) this.#onCutOff();
    this.#endInput();
    this.#group.listener.onClosed(this.#face, this.closeStatus, this.error);
  }

  #onCutOff(): void {
    const error = cutOffBy(this.#transportError);
    if (error.code === ConnectionLosses.CUT_OFF.code) this.#error = error;
    else this.#report(error);
  }

  /** Once nothing more will come, the face learns that, and the extensions are closed. */
  #endInput(): void {
    if (this.#isInputEnded || this.#closing.phase !== "closed" || !this.isAllRead) return;
    this.#isInputEnded = true;
    this.#closeExtensions();
    this.#group.listener.onInputEnd(this.#face);
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
}
