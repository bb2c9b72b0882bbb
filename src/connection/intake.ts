import type { MessagePipeline } from "../extensions/index.ts";
import type { ControlOpcode, MessageOpcode } from "../framing/index.ts";
import type { Violation } from "../framing/violations.ts";
import type { Message } from "./inbox.ts";
import { IncomingMessages } from "./incoming-messages.ts";
import type { MessageReader, ReaderPool } from "./message-reader.ts";
import type { Transport } from "./transport.ts";

/** What the way in needs of its connection. */
export interface IntakeHost {
  onMessage(data: Message): void;
  onControlFrame(opcode: ControlOpcode, chunk: Buffer, start: number, end: number): Violation | null;
  /** The peer has broken a rule, or an extension could not do its work. */
  onViolation(violation: Violation, cause?: unknown): void;
  /** A chunk is about to be read. */
  onChunkBegin(): void;
  /** A chunk was read as far as it may be. */
  onChunkEnd(): void;
  /** Everything that was held back by a slow message has been passed on. */
  onCaughtUp(): void;
  /** The transport's input has ended, and everything before it was read and decoded, or discarded. Called once. */
  onInputEnd(): void;
  /** Whether the application wants no further messages for now. */
  readonly isHeldBack: boolean;
}

/** The end has not come; it has, and something before it is still to be read; it was reported to the host. */
type InputEnd = "open" | "pending" | "reported";

/**
 * The way in of a connection: from the transport's chunks through frames and extensions to messages. It can stop at
 * any frame, and goes on there. The end of the input keeps its place behind everything that arrived before it.
 */
export class Intake {
  readonly #transport: Transport;
  readonly #readers: ReaderPool;
  readonly #pipeline: MessagePipeline | null;
  readonly #maxPayload: number;
  readonly #host: IntakeHost;

  /** While a chunk is read, and as long as a message is not whole. */
  #reader: MessageReader | null = null;
  /** Made with the first message that an extension has changed. */
  #incoming: IncomingMessages | null = null;
  #stopped = false;
  #reading = false;
  /** Bytes that have arrived and are still to be read, in memory of our own. */
  #unread: Buffer | null = null;
  #inputEnd: InputEnd = "open";
  /** Nothing more is wanted. */
  #abandoned = false;

  constructor(
    transport: Transport,
    readers: ReaderPool,
    pipeline: MessagePipeline | null,
    maxPayload: number,
    host: IntakeHost,
  ) {
    this.#transport = transport;
    this.#readers = readers;
    this.#pipeline = pipeline;
    this.#maxPayload = maxPayload;
    this.#host = host;
  }

  /** Whether reading has stopped, and the transport is paused. */
  get isStopped(): boolean {
    return this.#stopped;
  }

  /** Whether a message is being decoded asynchronously. Steps that must not overtake it go through `inOrder`. */
  get isDecoding(): boolean {
    return this.#incoming?.isDecoding === true;
  }

  /** Whether everything that has arrived was read and decoded. */
  get isAllRead(): boolean {
    return this.#unread === null && !this.#reading && !this.isDecoding;
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

  /** Takes a step after the messages that have arrived before; at once if none is being decoded. */
  inOrder(step: () => void): void {
    if (this.#incoming === null) step();
    else this.#incoming.inOrder(step);
  }

  /** Lets the frame at hand be the last one that is read, for now. */
  suspend(): void {
    this.#reader?.parser.suspend();
  }

  stopReading(): void {
    this.suspend();
    if (this.#stopped) return;
    this.#stopped = true;
    this.#transport.pause();
  }

  /** Goes on, if nothing else holds it back. Messages may come before this returns. */
  readOn(): void {
    if (!this.#stopped || this.#incoming?.isFull === true || this.#host.isHeldBack) return;
    this.#stopped = false;
    if (!this.#reading) this.#readKept();
    if (!this.#stopped) this.#transport.resume();
    this.#reportEnd();
  }

  /** Nothing more is wanted. The transport goes on all the same, so that the peer's end is seen. */
  abandon(): void {
    this.#abandoned = true;
    this.#unread = null;
    this.suspend();
    if (this.#stopped) this.#transport.resume();
    // Later, since the host is in the middle of a step.
    if (this.#inputEnd === "pending") process.nextTick(() => this.#reportEnd());
  }

  /** Abandons the message that is being decoded and everything queued behind it. */
  discardDecoding(): void {
    if (!this.isDecoding) return;
    this.#incoming?.discard();
    this.#unread = null;
  }

  /** @internal */
  onMessage(data: Message): void {
    if (this.#incoming === null) this.#host.onMessage(data);
    else this.#incoming.take(data);
  }

  /** @internal */
  onEncodedMessage(opcode: MessageOpcode, rsv: number, payload: Buffer): Violation | null {
    this.#incoming ??= new IncomingMessages(this.#pipeline as MessagePipeline, this.#maxPayload, this);
    return this.#incoming.decode(opcode, rsv, payload);
  }

  /** @internal */
  onControlFrame(opcode: ControlOpcode, chunk: Buffer, start: number, end: number): Violation | null {
    return this.#host.onControlFrame(opcode, chunk, start, end);
  }

  /** @internal */
  onDecoded(data: Message): void {
    this.#host.onMessage(data);
  }

  /** @internal */
  onDecodingFailed(violation: Violation, cause?: unknown): void {
    this.#unread = null;
    this.#host.onViolation(violation, cause);
  }

  /** @internal */
  onDecodingDone(): void {
    this.readOn();
    this.#reportEnd();
    this.#host.onCaughtUp();
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
      this.#host.onChunkBegin();
      const reader = this.#reader ?? this.#readers.take(this, this.#pipeline);
      this.#reader = reader;
      const stoppedAt = reader.parser.push(chunk);
      const { violation } = reader.parser;
      if (violation !== null) this.inOrder(() => this.#host.onViolation(violation));
      else if (stoppedAt < chunk.length) this.#keepRest(chunk.subarray(stoppedAt), owned);
      this.#reader = this.#readers.giveBack(reader);
      this.#host.onChunkEnd();
    } finally {
      // A transport of the application's own may throw when it is written to.
      this.#reading = false;
    }
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
    this.#host.onInputEnd();
  }
}
