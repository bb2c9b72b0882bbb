import { ExtensionViolations } from "../extensions/extension-violations.ts";
import type { MessagePipeline } from "../extensions/index.ts";
import { asBuffer } from "../framing/byte-views.ts";
import {
  type ControlOpcode,
  type FrameListener,
  FrameParser,
  MessageAssembler,
  type MessageForm,
  type MessageListener,
  type MessageOpcode,
  Opcode,
  PieceAssembler,
  type Role,
  TextCutter,
  type Violation,
  Violations,
} from "../framing/index.ts";
import { PieceDecoding, type PieceDecodingListener } from "./piece-decoding.ts";

/** Receives the messages of an endpoint in pieces, as they come. */
export interface PieceListener<Message> {
  onMessageBegin(opcode: MessageOpcode): void;
  /** A piece of the message, in the form of the face: whole characters of a text, or bytes. */
  onPiece(piece: Message): void;
  onMessageEnd(): void;
}

/** The receiver behind it. */
export interface PieceReaderListener<Message> extends MessageListener<Message> {
  /** Whether the face wants no piece for now. */
  readonly isPaused: boolean;
  /** Bytes of a message have arrived. */
  onPieceRead(): void;
  onDecodingBusy(): void;
  onDecodingIdle(): void;
  onDecodingFailed(violation: Violation, cause?: unknown): void;
}

/** What the piece readers of a group share. */
export interface PieceReaderShared<Message> {
  readonly role: Role;
  readonly form: MessageForm<Message>;
  readonly maxPayload: number;
  readonly maxStreamPayload: number;
}

/**
 * Turns chunks of bytes into pieces of messages, which are passed on before their message has ended and not kept. A
 * message that an extension must decode as a whole takes the way of whole messages.
 */
export class PieceReader<Message> implements FrameListener, PieceDecodingListener {
  readonly parser: FrameParser;
  /** The face that gets the next message in pieces, `null` for none. */
  listener: PieceListener<Message> | null = null;
  readonly #shared: PieceReaderShared<Message>;
  readonly #pipeline: MessagePipeline | null;
  readonly #receiver: PieceReaderListener<Message>;
  readonly #pieces: PieceAssembler;
  readonly #whole: MessageAssembler<Message>;
  /** The way of the message at hand. */
  #way: FrameListener;
  /** The face that gets the message at hand. */
  #taker: PieceListener<Message> | null = null;
  #text: TextCutter | null = null;
  #decoding: PieceDecoding | null = null;

  constructor(
    shared: PieceReaderShared<Message>,
    pipeline: MessagePipeline | null,
    receiver: PieceReaderListener<Message>,
  ) {
    this.#shared = shared;
    this.#pipeline = pipeline;
    this.#receiver = receiver;
    const decodesAll = pipeline?.decodesAll === true;
    this.#pieces = new PieceAssembler(
      {
        onMessageBegin: (opcode, rsv) => this.#onMessageBegin(opcode, rsv),
        onPiece: (chunk, start, end) => this.#onPayload(chunk, start, end),
        onMessageEnd: () => this.#onPayloadEnd(),
        onControlFrame: (opcode, chunk, start, end) => receiver.onControlFrame(opcode, chunk, start, end),
      },
      shared.maxStreamPayload,
      decodesAll,
    );
    this.#whole = new MessageAssembler(receiver, shared.maxPayload, shared.form);
    this.#whole.decodesAll = decodesAll;
    this.#way = this.#pieces;
    this.parser = new FrameParser(shared.role, this, pipeline?.rsv ?? 0);
  }

  /** Whether something that was read is still to be decoded, or to be passed on. */
  get isBusy(): boolean {
    return this.#decoding?.isBusy === true;
  }

  get isPaused(): boolean {
    return this.#receiver.isPaused;
  }

  /** The face wants pieces again. */
  resume(): void {
    this.#decoding?.resume();
  }

  /** Nothing more is wanted. */
  discard(): void {
    this.#decoding?.discard();
    this.#decoding = null;
  }

  onDataFrame(opcode: number, rsv: number, length: number, final: boolean): Violation | null {
    try {
      if (opcode !== Opcode.Continuation) this.#way = this.#wayOf(opcode as MessageOpcode, rsv);
    } catch (error) {
      return this.#onExtensionFailed(error);
    }
    return this.#way.onDataFrame(opcode, rsv, length, final);
  }

  onPayload(chunk: Buffer, start: number, end: number): Violation | null {
    return this.#way.onPayload(chunk, start, end);
  }

  onMessageEnd(): Violation | null {
    return this.#way.onMessageEnd();
  }

  onControlFrame(opcode: ControlOpcode, chunk: Buffer, start: number, end: number): Violation | null {
    return this.#way.onControlFrame(opcode, chunk, start, end);
  }

  onChunkEnd(): void {
    this.#way.onChunkEnd();
  }

  onDecodedPiece(bytes: Uint8Array): Violation | null {
    return this.#passOn(asBuffer(bytes), 0, bytes.length);
  }

  onDecodedEnd(): Violation | null {
    this.#decoding = null;
    if (this.#text?.isWhole === false) return Violations.TEXT_NOT_UTF8;
    const taker = this.#taker;
    this.#taker = null;
    // The next message may begin within this call.
    taker?.onMessageEnd();
    return null;
  }

  onDecodingBusy(): void {
    this.#receiver.onDecodingBusy();
  }

  onDecodingIdle(): void {
    this.#receiver.onDecodingIdle();
  }

  onPiecesFailed(violation: Violation | null, cause?: unknown): void {
    this.discard();
    this.#receiver.onDecodingFailed(violation ?? ExtensionViolations.EXTENSION_FAILED, cause);
    this.#receiver.onDecodingIdle();
  }

  /** An extension that cannot decode in pieces needs the whole message. */
  #wayOf(opcode: MessageOpcode, rsv: number): FrameListener {
    const pipeline = this.#pipeline;
    if (pipeline === null || (rsv === 0 && !pipeline.decodesAll)) return this.#pieces;
    const decoder = pipeline.decodePieces(opcode, rsv, this.#shared.maxStreamPayload);
    if (decoder === null) return this.#whole;
    this.#decoding = new PieceDecoding(decoder, this);
    return this.#pieces;
  }

  #onMessageBegin(opcode: MessageOpcode, _rsv: number): void {
    this.#text = opcode === Opcode.Text ? new TextCutter() : null;
    this.#taker = this.listener;
    this.#taker?.onMessageBegin(opcode);
  }

  #onPayload(chunk: Buffer, start: number, end: number): Violation | null {
    this.#receiver.onPieceRead();
    if (this.#decoding === null) return this.#passOn(chunk, start, end);
    try {
      return this.#decoding.write(chunk.subarray(start, end));
    } catch (error) {
      return this.#onExtensionFailed(error);
    }
  }

  #onPayloadEnd(): Violation | null {
    if (this.#decoding === null) return this.onDecodedEnd();
    try {
      return this.#decoding.end();
    } catch (error) {
      return this.#onExtensionFailed(error);
    }
  }

  /** The connection fails here, with the cause, and the return value stops the reading. */
  #onExtensionFailed(cause: unknown): Violation {
    this.discard();
    this.#receiver.onDecodingFailed(ExtensionViolations.EXTENSION_FAILED, cause);
    return ExtensionViolations.EXTENSION_FAILED;
  }

  #passOn(bytes: Buffer, start: number, end: number): Violation | null {
    const { form } = this.#shared;
    if (this.#text === null) {
      this.#taker?.onPiece(form.binary(bytes, start, end));
      return null;
    }
    const characters = this.#text.push(bytes, start, end);
    if (characters === null) return Violations.TEXT_NOT_UTF8;
    if (characters.length === 0) return null;
    // It was checked as it came, so that the form has nothing to object to.
    const piece = form.text(characters, 0, characters.length);
    if (piece === null) return Violations.TEXT_NOT_UTF8;
    this.#taker?.onPiece(piece);
    return null;
  }
}
