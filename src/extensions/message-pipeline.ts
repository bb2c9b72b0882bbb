import { asBuffer } from "../framing/as-buffer.ts";
import type { MessageOpcode } from "../framing/index.ts";
import type { Violation } from "../framing/violations.ts";
import type { MessageCodec, PieceDecoder, PieceEncoder, ReservedBit, SendOptions, SharedEncoder } from "./extension.ts";

/** An extension at work on a connection, with the bit that is its own. */
export interface PipelineStage {
  readonly rsv: ReservedBit;
  readonly codec: MessageCodec;
}

/** What encodes at a stage: the connection's own codec, or one that encodes for others as well. */
interface EncodingStage {
  readonly rsv: ReservedBit;
  readonly codec: SharedEncoder;
}

/** A message as it goes into frames. */
export interface EncodedMessage {
  /** The reserved bits of the first frame, as they stand in the header's first byte. */
  rsv: number;
  payload: Uint8Array;
}

/**
 * The extensions of a connection in their order: what is sent goes through the first one first, what is received
 * through the last one first (RFC 6455 section 9.1). As long as none of them takes its time, nothing waits.
 */
export class MessagePipeline {
  readonly #stages: readonly PipelineStage[];
  /** The reserved bits that its extensions have claimed. */
  readonly rsv: number;
  /** Whether an extension without a bit is to see every message. */
  readonly decodesAll: boolean;

  /** @param stages at least one, in the order of the server's answer */
  constructor(stages: readonly PipelineStage[]) {
    this.#stages = stages;
    this.rsv = stages.reduce((bits, stage) => bits | stage.rsv, 0);
    this.decodesAll = stages.some((stage) => stage.rsv === 0);
  }

  /**
   * Encodes a message to be sent; the next one may come when this one is done.
   *
   * @param payload must not change until the message is done, and is the result's where no extension changes it
   */
  encode(payload: Uint8Array, opcode: MessageOpcode, options: SendOptions): EncodedMessage | Promise<EncodedMessage> {
    return encodeFrom(this.#stages, 0, { rsv: 0, payload }, opcode, options);
  }

  /**
   * What encodes a message for all connections whose pipelines have the same; `null` where this one is to encode by
   * itself, as it is with several extensions.
   */
  get sharedEncoder(): SharedEncoder | null {
    const [stage] = this.#stages;
    return this.#stages.length === 1 ? (stage?.codec.sharedEncoder ?? null) : null;
  }

  /** As `encode`, by a `sharedEncoder`: each connection that sends the result calls `onShared` right before. */
  encodeShared(
    encoder: SharedEncoder,
    payload: Uint8Array,
    opcode: MessageOpcode,
    options: SendOptions,
  ): EncodedMessage | Promise<EncodedMessage> {
    const stage = { rsv: this.rsv as ReservedBit, codec: encoder };
    return encodeFrom([stage], 0, { rsv: 0, payload }, opcode, options);
  }

  /** A message that the `sharedEncoder` has encoded goes out next. */
  onShared(): void {
    this.#stages[0]?.codec.onShared?.();
  }

  /**
   * Decodes a received message; the next one may come when this one is done.
   *
   * @param rsv the reserved bits of its first frame
   * @param payload is read before the method returns
   * @returns the message, or the rule that it breaks. What is returned at once is to be read at once: the memory may
   *   be used again; that of a promise is not
   */
  decode(
    payload: Buffer,
    opcode: MessageOpcode,
    rsv: number,
  ): Uint8Array | Violation | Promise<Uint8Array | Violation> {
    return this.#decodeFrom(this.#stages.length - 1, payload, opcode, rsv);
  }

  /**
   * Begins to decode a message in pieces.
   *
   * @param rsv the reserved bits of its first frame
   * @param maxPayload the longest decoded message, in bytes; `Infinity` for no limit
   * @returns `null` if it must be decoded as a whole: by several extensions, or by one that cannot do it in pieces
   */
  decodePieces(opcode: MessageOpcode, rsv: number, maxPayload: number): PieceDecoder | null {
    const [stage, ...others] = this.#stages.filter((each) => each.rsv === 0 || (rsv & each.rsv) !== 0);
    if (stage === undefined || others.length > 0) return null;
    return stage.codec.decodePieces?.(opcode, maxPayload) ?? null;
  }

  /** Whether messages to be sent in fragments must be encoded as a whole. */
  get encodesWhole(): boolean {
    const [stage, ...others] = this.#stages;
    return stage?.codec.encodePieces === undefined || others.length > 0;
  }

  /**
   * Begins to encode a message in pieces; not if `encodesWhole`.
   *
   * @returns `null` to send the message as it is
   */
  encodePieces(opcode: MessageOpcode, options: SendOptions): PieceEncoder | null {
    return this.#stages[0]?.codec.encodePieces?.(opcode, options) ?? null;
  }

  /** The connection is gone. @throws the first exception of an extension, once all are closed */
  close(): void {
    const errors: unknown[] = [];
    for (const { codec } of this.#stages) {
      try {
        codec.close();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }

  #decodeFrom(
    last: number,
    payload: Buffer,
    opcode: MessageOpcode,
    rsv: number,
  ): Uint8Array | Violation | Promise<Uint8Array | Violation> {
    let message = payload;
    for (let index = last; index >= 0; index--) {
      const stage = this.#stages[index] as PipelineStage;
      if (stage.rsv !== 0 && (rsv & stage.rsv) === 0) continue;
      const result = stage.codec.decode(message, opcode);
      if (isPromise(result)) {
        return Promise.resolve(result).then((settled) => this.#decodeOn(index - 1, settled, opcode, rsv));
      }
      if (isViolation(result)) return result;
      message = asBuffer(result);
    }
    return message;
  }

  async #decodeOn(
    last: number,
    settled: Uint8Array | Violation,
    opcode: MessageOpcode,
    rsv: number,
  ): Promise<Uint8Array | Violation> {
    if (isViolation(settled)) return settled;
    const message = asBuffer(settled);
    const result = this.#decodeFrom(last, message, opcode, rsv);
    // What an extension returned at once may be overwritten before the promise is looked at.
    return result === message || isPromise(result) || isViolation(result) ? result : Buffer.from(result);
  }
}

function encodeFrom(
  stages: readonly EncodingStage[],
  first: number,
  message: EncodedMessage,
  opcode: MessageOpcode,
  options: SendOptions,
): EncodedMessage | Promise<EncodedMessage> {
  for (let index = first; index < stages.length; index++) {
    const { rsv, codec } = stages[index] as EncodingStage;
    const result = codec.encode(message.payload, opcode, options);
    if (isPromise(result)) {
      return Promise.resolve(result).then((settled) => {
        replacePayload(message, settled, rsv);
        return encodeFrom(stages, index + 1, message, opcode, options);
      });
    }
    replacePayload(message, result, rsv);
  }
  return message;
}

function replacePayload(message: EncodedMessage, payload: Uint8Array | null, rsv: ReservedBit): void {
  if (payload === null) return;
  if (!(payload instanceof Uint8Array)) {
    throw new TypeError(`an extension has made ${typeof payload} of a message, not a Uint8Array or null`);
  }
  message.payload = payload;
  message.rsv |= rsv;
}

/** Whether an extension takes its time. Its promise may be that of another library. */
function isPromise<Value>(value: Value | Promise<Value>): value is Promise<Value> {
  return value !== null && typeof value === "object" && "then" in value;
}

function isViolation(result: Uint8Array | Violation): result is Violation {
  return "closeCode" in result;
}
