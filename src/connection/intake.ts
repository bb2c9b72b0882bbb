import type { Violation } from "../errors.ts";
import type { MessagePipeline } from "../extensions/index.ts";
import type { ControlOpcode, MessageOpcode } from "../framing/index.ts";
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
  /** What was held back by a message that took its time has been told. */
  onCaughtUp(): void;
  /** Whether the application has more messages than it wants. */
  readonly isDeliveryFull: boolean;
}

/**
 * The way in of a connection: from the transport's chunks through frames and extensions to messages. It can stop at
 * any frame, and goes on there.
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
  /** What of a chunk was not read when reading stopped. */
  #unread: Buffer | null = null;
  #ended = false;

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

  /** Whether a message takes its time: what must not overtake it goes through `inOrder`. */
  get isDecoding(): boolean {
    return this.#incoming?.isDecoding === true;
  }

  /** Whether all that has arrived was read and decoded. */
  get isAllRead(): boolean {
    return this.#unread === null && !this.isDecoding;
  }

  push(chunk: Buffer): void {
    // A transport may hand over one more chunk after it was asked to pause.
    if (this.#unread === null) this.#read(chunk, false);
    else this.#unread = Buffer.concat([this.#unread, chunk]);
  }

  /** Takes a step behind the messages that have arrived before; at once where none takes its time. */
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
    if (!this.#stopped || this.#incoming?.isFull === true || this.#host.isDeliveryFull) return;
    this.#stopped = false;
    if (this.#unread !== null) this.#read(this.#unread, true);
    if (!this.#stopped) this.#transport.resume();
  }

  /** Nothing more is wanted. The transport goes on all the same, so that the peer's end is seen. */
  end(): void {
    this.#ended = true;
    this.#unread = null;
    this.suspend();
    if (this.#stopped) this.#transport.resume();
  }

  /** Gives up a message that takes its time, with what is behind it: without it those are none. */
  giveUpDecoding(): void {
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
    this.#host.onCaughtUp();
  }

  /** @param owned whether the chunk is ours to keep: a transport's own is so only until this returns */
  #read(chunk: Buffer, owned: boolean): void {
    this.#unread = null;
    this.#host.onChunkBegin();
    const reader = this.#reader ?? this.#readers.take(this, this.#pipeline);
    this.#reader = reader;
    const stoppedAt = reader.parser.push(chunk);
    const { violation } = reader.parser;
    if (violation !== null) {
      this.inOrder(() => this.#host.onViolation(violation));
    } else if (this.#stopped && !this.#ended && stoppedAt < chunk.length) {
      const unread = chunk.subarray(stoppedAt);
      this.#unread = owned ? unread : Buffer.from(unread);
    }
    this.#reader = this.#readers.giveBack(reader);
    this.#host.onChunkEnd();
  }
}
