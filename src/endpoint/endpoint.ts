import { ExtensionViolations } from "../extensions/extension-violations.ts";
import type { MessagePipeline, SendOptions } from "../extensions/index.ts";
import { CloseCode, type CloseStatus, type MessageOpcode, Opcode, type Violation } from "../framing/index.ts";
import { throwLater } from "../uncaught.ts";
import type { ClosingPhase } from "./closing-handshake.ts";
import { type ConnectionError, failedBy } from "./connection-error.ts";
import { ConnectionLosses } from "./connection-losses.ts";
import { Ending, type EndingHost } from "./ending.ts";
import type { EndpointGroup } from "./endpoint-group.ts";
import type { FragmentListener, FragmentWriter } from "./fragment-writer.ts";
import type { FramedMessage } from "./framed-message.ts";
import { Liveness } from "./liveness.ts";
import type { PieceListener } from "./piece-reader.ts";
import type { Receiver, ReceiverListener } from "./receiver.ts";
import { Sender, type SenderListener, type SendResult } from "./sender.ts";
import type { EndpointSettings } from "./settings.ts";
import type { Transport, TransportListener } from "./transport.ts";

/**
 * One side of a WebSocket connection over a transport, after the opening handshake. It knows the protocol, its order and
 * its times. What an application sees of it is the work of a face, which gets it through an `EndpointListener`.
 */
export class Endpoint<Face, Message>
  implements TransportListener, ReceiverListener<Message>, SenderListener, EndingHost
{
  readonly #transport: Transport;
  readonly #group: EndpointGroup<Face, Message>;
  #face!: Face;
  #liveness!: Liveness;
  /** The extensions, until nothing more is to be read. */
  #pipeline: MessagePipeline | null;
  /** Taken when bytes come in, and given back when all of them have been passed on. */
  #madeReceiver: Receiver<Message> | null = null;
  /** Made with the first frame that goes out, or the first bytes that come in. */
  #madeSender: Sender | null = null;
  /** Made when the connection begins to end. */
  #ending: Ending | null = null;

  /** @param pipeline the extensions in use, `null` for none */
  constructor(transport: Transport, pipeline: MessagePipeline | null, group: EndpointGroup<Face, Message>) {
    this.#transport = transport;
    this.#pipeline = pipeline;
    this.#group = group;
  }

  get phase(): ClosingPhase {
    return this.#ending?.phase ?? "open";
  }

  /** Whether `pause()` holds messages back. */
  get isPaused(): boolean {
    return this.#madeReceiver?.isPaused === true;
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

  /** Bytes, with the headers of the frames, that have left this process, ever. */
  get sentBytes(): number {
    return this.#madeSender?.left ?? 0;
  }

  /** Milliseconds from the last keep-alive ping to its pong; `null` before the first. */
  get roundTripTime(): number | null {
    return this.#liveness.roundTripTime;
  }

  /** The code and the reason of the peer's Close frame; 1006 if none came (RFC 6455 section 7.1.5). */
  get closeStatus(): CloseStatus {
    return this.#ending?.closeStatus ?? { code: CloseCode.AbnormalClosure, reason: "" };
  }

  /** Why the connection did not end by the closing handshake; `null` until then, and if it did. */
  get error(): ConnectionError | null {
    return this.#ending?.error ?? null;
  }

  /** Whether `onFailure` has reported the end of the connection. */
  get hasFailed(): boolean {
    return this.#ending?.hasFailed === true;
  }

  /** The first error, also if the closing handshake was completed. */
  get firstError(): ConnectionError | null {
    return this.#ending?.firstError ?? null;
  }

  /** Whether everything that has arrived was read and decoded. */
  get isAllRead(): boolean {
    return this.#madeReceiver?.isAllRead !== false;
  }

  /** Whether no message follows. */
  get isInputEnded(): boolean {
    return this.#ending?.isInputEnded === true;
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
    return this.#ending === null ? this.#noted(this.#sender.sendText(text, options)) : "closed";
  }

  /** @param bytes are copied. Text must be valid UTF-8 */
  sendBytes(opcode: MessageOpcode, bytes: Uint8Array, options: SendOptions): SendResult {
    return this.#ending === null ? this.#noted(this.#sender.sendBytes(opcode, bytes, options)) : "closed";
  }

  sendFramed(message: FramedMessage): SendResult {
    return this.#ending === null ? this.#noted(this.#sender.sendFramed(message)) : "closed";
  }

  /**
   * Begins a message that is written in fragments, behind everything that was sent before.
   *
   * @returns `null` if nothing can be sent any more
   */
  openMessage(options: SendOptions, listener: FragmentListener): FragmentWriter | null {
    return this.#ending === null ? this.#sender.openMessage(options, listener) : null;
  }

  /** @param payload at most 125 bytes. The ping is dropped if it would exceed `maxBufferedAmount` */
  ping(payload: Uint8Array): SendResult {
    return this.#ending === null ? this.#sender.sendControl(Opcode.Ping, payload) : "closed";
  }

  /** Sends an unsolicited pong. @param payload as for `ping()` */
  pong(payload: Uint8Array): SendResult {
    return this.#ending === null ? this.#sender.sendControl(Opcode.Pong, payload) : "closed";
  }

  /** Starts the closing handshake (RFC 6455 section 7.1.2), unless the connection is closing already. */
  close(status: CloseStatus): void {
    this.#end.step({ type: "close", status });
  }

  /** Holds what is sent until `uncork()`, so that it leaves in one write. */
  cork(): void {
    if (this.#ending === null) this.#sender.cork();
  }

  uncork(): void {
    this.#madeSender?.uncork();
  }

  /** Ends the connection at once, without the closing handshake. */
  terminate(): void {
    try {
      this.#madeSender?.flush();
    } finally {
      this.#end.lose(ConnectionLosses.TERMINATED);
    }
  }

  /** Fails the connection (RFC 6455 section 7.1.7). If it is ending already, the error is only reported. */
  fail(violation: Violation, cause?: unknown): void {
    if (this.#canRead) this.#end.fail(violation, cause);
    else this.#end.report(failedBy(violation, cause));
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
    if (!this.#canRead) return;
    this.#receiver.push(chunk);
    this.#giveBackReceiver();
  }

  onDrain(): void {
    this.#madeSender?.onTransportDrain();
  }

  onEnd(): void {
    if (this.#madeReceiver === null) this.onInputEnd();
    else this.#madeReceiver.end();
  }

  onClose(error: Error | null): void {
    // Also if nothing was sent: what is read from now on may be answered.
    this.#sender.discard();
    this.#end.transportClosed(error, this.isAllRead);
    if (this.phase === "closed") return;
    this.#group.listener.onDisconnected(this.#face);
    this.#madeReceiver?.end();
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
    if (this.#canRead) this.#sender.addPong(payload);
    this.#group.listener.onPing(this.#face, payload);
  }

  onPong(payload: Buffer): void {
    this.#liveness.onPong(payload);
    this.#group.listener.onPong(this.#face, payload);
  }

  onCloseFrame(status: CloseStatus): void {
    this.#end.step({ type: "closeReceived", status });
  }

  onViolation(violation: Violation, cause?: unknown): void {
    this.#end.fail(violation, cause);
  }

  onChunkBegin(): void {
    this.#sender.cork();
  }

  onChunkEnd(): void {
    this.#sender.uncork();
    this.#reportInputEnd();
  }

  onCaughtUp(): void {
    this.#reportInputEnd();
  }

  onInputEnd(): void {
    this.#end.step({ type: "inputEnded" });
    this.#reportInputEnd();
  }

  onEncodingFailed(error: unknown): void {
    this.#end.fail(ExtensionViolations.EXTENSION_FAILED, error);
  }

  onUnsentLimit(): void {
    this.#end.lose(ConnectionLosses.UNSENT_LIMIT);
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
    if (this.#ending !== null) return;
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
        this.#end.lose(ConnectionLosses.PEER_DEAD);
        break;
      case "idle":
        this.close({ code: CloseCode.GoingAway, reason: `no message for ${this.settings.idleTimeout} ms` });
        break;
      case "wait":
    }
  }

  onOutputEnd(): void {
    this.#madeSender?.cancelMessages();
    this.#group.listener.onOutputEnd(this.#face);
  }

  onFailure(error: ConnectionError): void {
    this.#group.listener.onFailure(this.#face, error);
  }

  sendClose(payload: Buffer): void {
    this.#sender.sendClose(payload);
  }

  endInput(): void {
    this.#madeReceiver?.abandon();
  }

  endTransport(): void {
    this.#sender.endInOrder();
  }

  destroyTransport(): void {
    this.#madeSender?.discard();
    this.#madeReceiver?.discardDecoding();
    this.#transport.destroy();
  }

  onFinished(): void {
    this.#madeSender?.discard();
    this.#group.open.delete(this.#face);
    this.#reportInputEnd();
    this.#group.listener.onClosed(this.#face, this.closeStatus, this.error);
  }

  /** The closing handshake begins with the first use. */
  get #end(): Ending {
    this.#ending ??= new Ending(this.#group.role, this);
    return this.#ending;
  }

  get #canRead(): boolean {
    return this.#ending === null || this.#ending.canRead;
  }

  get #receiver(): Receiver<Message> {
    this.#madeReceiver ??= this.#group.receivers.take(this.#transport, this.#pipeline, this);
    return this.#madeReceiver;
  }

  #giveBackReceiver(): void {
    const receiver = this.#madeReceiver;
    if (receiver === null || !receiver.isIdle) return;
    this.#madeReceiver = null;
    this.#group.receivers.giveBack(receiver);
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

  /** Once nothing more will come, the face learns that, and the extensions are closed. */
  #reportInputEnd(): void {
    const ending = this.#ending;
    if (ending === null || ending.isInputEnded || ending.phase !== "closed" || !this.isAllRead) return;
    ending.isInputEnded = true;
    this.#closeExtensions();
    this.#group.listener.onInputEnd(this.#face);
  }

  #closeExtensions(): void {
    const pipeline = this.#pipeline;
    this.#pipeline = null;
    try {
      pipeline?.close();
    } catch (error) {
      if (this.#end.isOver) throwLater(error);
      else this.#end.report(failedBy(ExtensionViolations.EXTENSION_FAILED, error));
    }
  }
}
