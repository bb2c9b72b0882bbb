import type { MessagePipeline, SendOptions } from "../extensions/index.ts";
import { type ControlOpcode, type MessageOpcode, Opcode } from "../framing/index.ts";
import { type EncodeListener, EncodeQueue } from "./encode-queue.ts";
import type { FragmentListener, FragmentWriter } from "./fragment-writer.ts";
import { FrameOutput, type OutputShared } from "./frame-output.ts";
import type { FramedMessage } from "./framed-message.ts";
import { SendTurns } from "./send-turns.ts";
import type { EndpointSettings } from "./settings.ts";
import type { Transport } from "./transport.ts";

/** The outcome of a send. */
export type SendResult =
  /** It was accepted, and fewer bytes wait than `highWaterMark`. */
  | "sent"
  /** It was accepted. A drain follows when everything has left, unless nothing can be sent any more before. */
  | "full"
  /** It was dropped, since it would have exceeded `maxBufferedAmount`. A drain follows as for `"full"`. */
  | "dropped"
  /** It was dropped, since nothing can be sent any more. After a failed write that is so before the transport reports it. */
  | "closed";

/** What the senders of a group share. */
export interface SenderShared extends OutputShared {
  readonly settings: EndpointSettings;
}

export interface SenderListener {
  /** Everything has left this process after a result of `"full"` or `"dropped"`. May be called within a send. */
  onDrained(): void;
  /** A message would have exceeded `maxBufferedAmount`, and the connection must end for it. */
  onUnsentLimit(): void;
  onEncodingFailed(error: unknown): void;
  /** A fragment of a message was framed. */
  onFragmentSent(): void;
  /** The last tracked ping has left this process. */
  onPingSent(): void;
}

/** What is known of a message before it is accepted. */
interface Measured {
  readonly byteLength: number;
}

/** The sending way of an endpoint: from messages through limits and extensions to frames. */
export class Sender extends FrameOutput implements EncodeListener {
  readonly #settings: EndpointSettings;
  readonly #pipeline: MessagePipeline | null;
  readonly #listener: SenderListener;
  /** Made with the first message that goes through the extensions. */
  #encodeQueue: EncodeQueue | null = null;
  /** Made with the first message that is sent in fragments. */
  #turns: SendTurns | null = null;
  #isDrainAwaited = false;

  constructor(transport: Transport, shared: SenderShared, pipeline: MessagePipeline | null, listener: SenderListener) {
    super(transport, shared);
    this.#settings = shared.settings;
    this.#pipeline = pipeline;
    this.#listener = listener;
  }

  /**
   * Bytes, with the headers of the frames, that were sent and have not left this process. While a message is encoded
   * asynchronously, each message that waits for it counts 64 bytes more.
   */
  get bufferedAmount(): number {
    return this.framedAmount + (this.#encodeQueue?.waitingBytes ?? 0) + (this.#turns?.waitingBytes ?? 0);
  }

  /** Whether a send had another result than `"sent"` since everything was sent. */
  get isDrainAwaited(): boolean {
    return this.#isDrainAwaited;
  }

  sendText(text: string, options: SendOptions): SendResult {
    if (this.bufferedAmount > 0 && !this.#hasRoomForText(text)) return this.#overflow();
    if (!this.acceptsMessages) return "closed";
    if (this.#turns?.isOpen === true) return this.#waitForTurn(Opcode.Text, Buffer.from(text), options);
    if (this.#pipeline === null) this.addText(text);
    else this.#encoder(this.#pipeline).addText(text, options);
    return this.#result();
  }

  /** @param bytes are copied. Text must be valid UTF-8 */
  sendBytes(opcode: MessageOpcode, bytes: Uint8Array, options: SendOptions): SendResult {
    if (this.bufferedAmount > 0 && !this.#hasRoomFor(bytes)) return this.#overflow();
    if (!this.acceptsMessages) return "closed";
    if (this.#turns?.isOpen === true) return this.#waitForTurn(opcode, Buffer.from(bytes), options);
    if (this.#pipeline === null) this.addBytes(opcode, bytes);
    else this.#encoder(this.#pipeline).addBytes(opcode, bytes, options);
    return this.#result();
  }

  sendFramed(message: FramedMessage): SendResult {
    if (this.bufferedAmount > 0 && !this.#hasRoomFor(message)) return this.#overflow();
    if (!this.acceptsMessages) return "closed";
    if (this.#turns?.isOpen === true) return this.#wait(message.byteLength, () => this.#addFramed(message));
    this.#addFramed(message);
    return this.#result();
  }

  /** A message that is written in fragments, behind everything that was sent before. Other messages wait for its end. */
  openMessage(options: SendOptions, listener: FragmentListener): FragmentWriter {
    this.#turns ??= this.#newTurns();
    return this.#turns.open(options, listener);
  }

  /** No message follows: the one in fragments that is not written to its end is broken off, with those behind it. */
  cancelMessages(): void {
    this.#turns?.cancel();
  }

  /** Sends a ping or a pong of the application. It overtakes messages that are not framed yet. */
  sendControl(opcode: ControlOpcode, payload: Uint8Array): SendResult {
    if (this.isDiscarded) return "closed";
    if (this.bufferedAmount > 0 && !this.#hasRoomFor(payload)) {
      this.#isDrainAwaited = true;
      return "dropped";
    }
    this.addControl(opcode, payload);
    return this.#result();
  }

  /** Sends a Close frame after the messages that were sent before. */
  sendClose(payload: Uint8Array): void {
    this.#inOrder(() => this.addControl(Opcode.Close, payload));
  }

  /** Ends our side of the transport after everything that was sent. */
  endInOrder(): void {
    this.#inOrder(() => this.end());
  }

  /** Abandons everything that is being encoded or waits. Accepts nothing more. */
  override discard(): void {
    this.#encodeQueue?.discard();
    super.discard();
    this.#turns?.discard();
  }

  override onTransportDrain(): void {
    super.onTransportDrain();
    this.#turns?.onProgress();
  }

  onEncodingFailed(error: unknown): void {
    this.#listener.onEncodingFailed(error);
  }

  onAllEncoded(): void {
    this.#reportIfNothingIsFramed();
  }

  protected override onAllWritten(): void {
    this.#turns?.onProgress();
    this.#reportIfAllLeft();
  }

  protected override onPingLeft(): void {
    this.#listener.onPingSent();
  }

  #encoder(pipeline: MessagePipeline): EncodeQueue {
    this.#encodeQueue ??= new EncodeQueue(pipeline, this, this);
    return this.#encodeQueue;
  }

  #inOrder(step: () => void): void {
    if (this.#encodeQueue === null) step();
    else this.#encodeQueue.inOrder(step);
  }

  #result(): "sent" | "full" {
    if (this.bufferedAmount < this.#settings.highWaterMark) return "sent";
    this.#isDrainAwaited = true;
    return "full";
  }

  #overflow(): "dropped" | "closed" {
    this.#isDrainAwaited = true;
    if (this.#settings.overflow === "drop") return "dropped";
    this.#listener.onUnsentLimit();
    return "closed";
  }

  #hasRoomFor({ byteLength }: Measured): boolean {
    if (byteLength <= this.#room) return true;
    // Bytes that only wait for the end of the tick do not count.
    this.flush();
    return this.bufferedAmount === 0 || byteLength <= this.#room;
  }

  #hasRoomForText(text: string): boolean {
    // A UTF-16 code unit takes at most 3 bytes.
    if (text.length * 3 <= this.#room) return true;
    return this.#hasRoomFor({ byteLength: Buffer.byteLength(text) });
  }

  /** How many bytes may still be buffered. */
  get #room(): number {
    return this.#settings.maxBufferedAmount - this.bufferedAmount;
  }

  #addFramed(message: FramedMessage): void {
    if (this.#pipeline === null) this.addFrame(message.plain);
    else this.#encoder(this.#pipeline).addFramed(message);
  }

  #newTurns(): SendTurns {
    const sender = this;
    return new SendTurns({
      pipeline: this.#pipeline,
      maxCollected: this.#settings.maxBufferedAmount,
      get hasRoom() {
        return !sender.isDiscarded && sender.framedAmount < sender.#settings.highWaterMark;
      },
      get added() {
        return sender.added;
      },
      get left() {
        return sender.left;
      },
      addFragment: (first, payload) => {
        this.#listener.onFragmentSent();
        this.addFragment(first, payload);
      },
      sendWhole: (opcode, payload, options) => {
        this.#listener.onFragmentSent();
        this.#addOwn(opcode, payload, options);
      },
      onEncodingFailed: (error) => this.onEncodingFailed(error),
      inOrder: (step) => this.#inOrder(step),
      onTakenBack: () => this.#reportIfNothingIsFramed(),
    });
  }

  /** @param payload nobody changes it any more */
  #waitForTurn(opcode: MessageOpcode, payload: Buffer, options: SendOptions): "sent" | "full" {
    return this.#wait(payload.length, () => this.#addOwn(opcode, payload, options));
  }

  #addOwn(opcode: MessageOpcode, payload: Buffer, options: SendOptions): void {
    if (this.#pipeline === null) this.addOwnBytes(opcode, payload, 0);
    else this.#encoder(this.#pipeline).addBytes(opcode, payload, options);
  }

  #wait(byteLength: number, send: () => void): "sent" | "full" {
    this.#turns?.wait(byteLength, send);
    return this.#result();
  }

  /** Otherwise `onAllWritten()` follows. */
  #reportIfNothingIsFramed(): void {
    if (this.framedAmount === 0) this.#reportIfAllLeft();
  }

  #reportIfAllLeft(): void {
    if (this.#isDrainAwaited && this.#encodeQueue?.isEmpty !== false && this.#turns?.hasWaiting !== true)
      this.#reportDrained();
  }

  #reportDrained(): void {
    this.#isDrainAwaited = false;
    this.#listener.onDrained();
  }
}
