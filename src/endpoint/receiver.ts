import type { MessagePipeline } from "../extensions/index.ts";
import {
  type CloseStatus,
  type ControlOpcode,
  type MessageForm,
  type MessageOpcode,
  Opcode,
  parseClosePayload,
  type Violation,
} from "../framing/index.ts";
import { type DecodeListener, DecodeQueue } from "./decode-queue.ts";
import type { MessageReader, ReaderPool } from "./message-reader.ts";
import { type PieceListener, PieceReader, type PieceReaderListener, type PieceReaderShared } from "./piece-reader.ts";
import type { Transport } from "./transport.ts";

export interface ReceiverListener<Message> {
  onMessage(opcode: MessageOpcode, message: Message): void;
  /** A ping, which may come between messages that wait. Its payload must be read before this returns. */
  onPing(payload: Buffer): void;
  /** A pong, which may come between messages that wait. Its payload must be read before this returns. */
  onPong(payload: Buffer): void;
  /** Bytes of a message have arrived that is read in pieces. */
  onPieceRead(): void;
  /** A valid Close frame, after the messages before it. */
  onCloseFrame(status: CloseStatus): void;
  /** The peer has broken a rule, or an extension could not do its work. */
  onViolation(violation: Violation, cause?: unknown): void;
  /** A chunk is about to be read. */
  onChunkBegin(): void;
  /** A chunk was read as far as it may be. */
  onChunkEnd(): void;
  /** A message was decoded asynchronously, and everything that waited behind it has been passed on. */
  onCaughtUp(): void;
  /** The transport's input has ended, and everything before it was read and decoded, or discarded. Called once. */
  onInputEnd(): void;
}

/** What the receivers of a group share. */
export interface ReceiverShared<Message> extends PieceReaderShared<Message> {
  readonly readers: ReaderPool<Message>;
  readonly form: MessageForm<Message>;
  /** The longest message that is accepted, in bytes. */
  readonly maxPayload: number;
}

/** What a receiver without an endpoint has in its place. */
const NOWHERE = Object.freeze({}) as Transport;
const NOBODY = Object.freeze({}) as ReceiverListener<never>;

/** The end has not come; it has, and something before it is still to be read; it was reported. */
type InputEnd = "open" | "pending" | "reported";

/**
 * The receiving way of an endpoint: from the transport's chunks through frames and extensions to messages. It can stop
 * after any frame, and later continues there. The end of the input keeps its place behind everything that arrived
 * before it.
 */
export class Receiver<Message> implements DecodeListener<Message>, PieceReaderListener<Message> {
  readonly #shared: ReceiverShared<Message>;
  #transport!: Transport;
  #pipeline: MessagePipeline | null = null;
  #listener!: ReceiverListener<Message>;

  /** While a chunk is read, and while a message is incomplete. */
  #reader: MessageReader<Message> | PieceReader<Message> | null = null;
  /** Made when the face first wants messages in pieces. */
  #pieces: PieceReader<Message> | null = null;
  /** Made with the first message that an extension has changed. */
  #decodeQueue: DecodeQueue<Message> | null = null;
  /** Whether the face holds messages back. */
  #paused = false;
  #stopped = false;
  #reading = false;
  /** Bytes that have arrived and are still to be read, in memory of our own. */
  #unread: Buffer | null = null;
  #inputEnd: InputEnd = "open";
  /** Nothing more is wanted. */
  #abandoned = false;

  constructor(shared: ReceiverShared<Message>) {
    this.#shared = shared;
  }

  /** Begins to serve an endpoint. To be called first, and again after `release()`. */
  bind(transport: Transport, pipeline: MessagePipeline | null, listener: ReceiverListener<Message>): void {
    this.#transport = transport;
    this.#pipeline = pipeline;
    this.#listener = listener;
    this.#decodeQueue?.bind(pipeline);
  }

  /** Lets go of its endpoint. To be called only if `isIdle`. */
  release(): void {
    this.bind(NOWHERE, null, NOBODY);
  }

  /** Whether it holds nothing of its endpoint, and so may serve another one. */
  get isIdle(): boolean {
    return (
      this.#reader === null &&
      this.#unread === null &&
      this.#pieces === null &&
      !this.#paused &&
      !this.#stopped &&
      !this.#reading &&
      !this.#abandoned &&
      this.#inputEnd === "open" &&
      this.#decodeQueue?.isIdle !== false
    );
  }

  /** Whether `pause()` holds messages back. */
  get isPaused(): boolean {
    return this.#paused;
  }

  /** Whether reading has stopped, and the transport is paused. */
  get isStopped(): boolean {
    return this.#stopped;
  }

  /** Whether everything that has arrived was read and decoded. */
  get isAllRead(): boolean {
    return this.#unread === null && !this.#reading && !this.#isDecoding;
  }

  /** Takes a chunk. It waits if reading has stopped, and if it arrives while another one is being read. */
  push(chunk: Buffer): void {
    if (this.#abandoned) return;
    if (this.#reading || this.#stopped) this.#keep(chunk);
    else this.#read(chunk);
  }

  /** The transport will bring nothing more. */
  end(): void {
    if (this.#inputEnd !== "open") return;
    this.#inputEnd = "pending";
    this.#reportEnd();
  }

  /** No frame is read after the current one, for now. */
  suspend(): void {
    this.#reader?.parser.suspend();
  }

  /** Stops reading. The current frame is still read, and messages that are being decoded still come. */
  pause(): void {
    this.#paused = true;
    this.#stop();
  }

  /** From the next message on, the listener gets messages in pieces as they come; `null` ends that. */
  readPieces(listener: PieceListener<Message> | null): void {
    if (listener !== null) this.#pieces ??= new PieceReader(this.#shared, this.#pipeline, this);
    if (this.#pieces !== null) this.#pieces.listener = listener;
    if (this.#isDecoding) this.#stop();
    this.suspend();
    if (!this.#reading) this.#moveHeader();
  }

  /** Continues to read, unless a message is being decoded. Messages may come before this returns. */
  resume(): void {
    this.#paused = false;
    this.#pieces?.resume();
    this.#continue();
  }

  /** Nothing more is wanted. The transport goes on all the same, so that the peer's end is seen. */
  abandon(): void {
    this.#abandoned = true;
    this.#unread = null;
    this.#pieces?.discard();
    this.suspend();
    if (this.#stopped) this.#transport.resume();
    // Later, since the endpoint is in the middle of a step.
    if (this.#inputEnd === "pending") process.nextTick(() => this.#reportEnd());
  }

  /** Abandons the message that is being decoded and everything queued behind it. */
  discardDecoding(): void {
    if (!this.#isDecoding) return;
    this.#pieces?.discard();
    this.#decodeQueue?.discard();
    this.#unread = null;
  }

  onMessage(message: Message, opcode: MessageOpcode): void {
    if (this.#decodeQueue === null) this.#listener.onMessage(opcode, message);
    else this.#decodeQueue.take(opcode, message);
  }

  onEncodedMessage(opcode: MessageOpcode, rsv: number, payload: Buffer): Violation | null {
    const { maxPayload, form } = this.#shared;
    this.#decodeQueue ??= new DecodeQueue(this.#pipeline as MessagePipeline, maxPayload, form, this);
    const violation = this.#decodeQueue.decode(opcode, rsv, payload);
    // Pieces of the next message must not overtake it.
    if (this.#wantsPieces && this.#isDecoding) this.#stop();
    return violation;
  }

  onPieceRead(): void {
    this.#listener.onPieceRead();
  }

  onDecodingBusy(): void {
    this.#stop();
  }

  onDecodingIdle(): void {
    this.onDecodingDone();
  }

  onControlFrame(opcode: ControlOpcode, chunk: Buffer, start: number, end: number): Violation | null {
    switch (opcode) {
      case Opcode.Ping:
        this.#listener.onPing(chunk.subarray(start, end));
        return null;
      case Opcode.Pong:
        this.#listener.onPong(chunk.subarray(start, end));
        return null;
      case Opcode.Close:
        return this.#onCloseFrame(chunk, start, end);
    }
  }

  onDecoded(opcode: MessageOpcode, message: Message): void {
    this.#listener.onMessage(opcode, message);
  }

  onDecodingFailed(violation: Violation, cause?: unknown): void {
    this.#unread = null;
    this.#listener.onViolation(violation, cause);
  }

  onQueueFilled(): void {
    this.#stop();
  }

  onDecodingDone(): void {
    this.#continue();
    this.#reportEnd();
    this.#listener.onCaughtUp();
  }

  /** RFC 6455 section 5.5.1: no frame that follows is read. */
  #onCloseFrame(chunk: Buffer, start: number, end: number): Violation | null {
    const status = parseClosePayload(chunk, start, end);
    if ("section" in status) return status;
    this.suspend();
    this.#inOrder(() => this.#listener.onCloseFrame(status));
    return null;
  }

  /** Takes a step after the messages that have arrived before; at once if none is being decoded. */
  #inOrder(step: () => void): void {
    if (this.#decodeQueue === null) step();
    else this.#decodeQueue.inOrder(step);
  }

  get #isDecoding(): boolean {
    return this.#decodeQueue?.isDecoding === true || this.#pieces?.isBusy === true;
  }

  get #wantsPieces(): boolean {
    return this.#pieces !== null && this.#pieces.listener !== null;
  }

  /** Whether reading has to wait until everything is decoded. */
  get #mustDecodeFirst(): boolean {
    return this.#pieces !== null && this.#isDecoding;
  }

  #stop(): void {
    this.suspend();
    if (this.#stopped) return;
    this.#stopped = true;
    this.#transport.pause();
  }

  #continue(): void {
    if (!this.#stopped || this.#paused || this.#decodeQueue?.isFull === true) return;
    if (this.#mustDecodeFirst) return;
    this.#stopped = false;
    if (!this.#reading) this.#readKept();
    if (!this.#stopped) this.#transport.resume();
    this.#reportEnd();
  }

  #keep(chunk: Buffer): void {
    this.#unread = this.#unread === null ? Buffer.from(chunk) : Buffer.concat([this.#unread, chunk]);
  }

  /** A transport whose two ends are in one process may bring more within a write, and so while a chunk is read. */
  #readKept(): void {
    while (this.#unread !== null && !this.#stopped) {
      const chunk = this.#unread;
      this.#unread = null;
      this.#readFrames(chunk, true);
    }
  }

  #read(chunk: Buffer): void {
    this.#readFrames(chunk, false);
    this.#readKept();
    this.#reportEnd();
  }

  /** @param owned whether the chunk is ours to keep: a transport's own is so only until this returns */
  #readFrames(chunk: Buffer, owned: boolean): void {
    this.#reading = true;
    try {
      this.#listener.onChunkBegin();
      const reader = this.#reader ?? this.#nextReader();
      this.#reader = reader;
      const stoppedAt = this.#isSwitching(reader) ? reader.parser.step(chunk) : reader.parser.push(chunk);
      const { violation } = reader.parser;
      if (violation !== null) this.#inOrder(() => this.#listener.onViolation(violation));
      else if (stoppedAt < chunk.length) this.#keepRest(chunk.subarray(stoppedAt), owned);
      this.#reader = this.#released(reader);
      this.#listener.onChunkEnd();
    } finally {
      // A transport of the application's own may throw when it is written to.
      this.#reading = false;
    }
  }

  #nextReader(): MessageReader<Message> | PieceReader<Message> {
    if (this.#pieces !== null && this.#wantsPieces) return this.#pieces;
    return this.#shared.readers.take(this, this.#pipeline);
  }

  /** The beginning of a header may have arrived: the other reader goes on from there. */
  #moveHeader(): void {
    const reader = this.#reader;
    if (reader === null || !this.#isSwitching(reader)) return;
    const header = reader.parser.takeHeader();
    if (header.length === 0) return;
    this.#reader = this.#released(reader);
    this.#readFrames(header, true);
  }

  /** Whether the message at hand is the last that is read in this way. */
  #isSwitching(reader: MessageReader<Message> | PieceReader<Message>): boolean {
    return this.#pieces !== null && this.#wantsPieces !== (reader === this.#pieces);
  }

  /** @returns the reader if it holds a part of a message, otherwise `null` */
  #released(reader: MessageReader<Message> | PieceReader<Message>): typeof reader | null {
    if (reader !== this.#pieces) return this.#shared.readers.giveBack(reader as MessageReader<Message>);
    return reader.parser.isBetweenMessages ? null : reader;
  }

  #keepRest(rest: Buffer, owned: boolean): void {
    if (this.#abandoned) return;
    const kept = owned ? rest : Buffer.from(rest);
    // Bytes that arrived meanwhile follow it.
    this.#unread = this.#unread === null ? kept : Buffer.concat([kept, this.#unread]);
  }

  #reportEnd(): void {
    if (this.#inputEnd !== "pending" || !(this.#abandoned || this.isAllRead)) return;
    this.#inputEnd = "reported";
    this.#listener.onInputEnd();
  }
}
