import { shown } from "../arguments/index.ts";
import { asBuffer } from "../framing/byte-views.ts";
import type { MessageOpcode } from "../framing/index.ts";
import type { Violation } from "../framing/violations.ts";
import type { MessageCodec, PieceDecoder, PieceEncoder, ReservedBit, SendOptions, SharedEncoder } from "./extension.ts";

/** The codec of one extension of a connection, with the bit that the extension uses. */
export interface PipelineStage {
  readonly rsv: ReservedBit;
  readonly codec: MessageCodec;
}

/** What encodes at a stage: the codec of the connection, or the shared encoder. */
interface EncodingStage {
  readonly rsv: ReservedBit;
  readonly codec: SharedEncoder;
}

/** A message after all extensions, as it is sent in frames. */
export interface EncodedMessage {
  /** The reserved bits of the first frame, at their places in its first byte: RSV1 is 0x40. */
  rsv: number;
  /** The payload of the whole message. */
  payload: Uint8Array;
}

/**
 * The extensions of a connection in their order (RFC 6455 section 9.1): sent messages pass the first one first,
 * received messages the last one first. A result is a promise only if one of the extensions is asynchronous.
 */
export class MessagePipeline {
  readonly #stages: readonly PipelineStage[];
  /** The reserved bits that its extensions use. */
  readonly rsv: number;
  /** Whether one of its extensions uses no bit and so decodes every message. */
  readonly decodesAll: boolean;

  /** @param stages at least one, in the order of the server's answer */
  constructor(stages: readonly PipelineStage[]) {
    this.#stages = stages;
    this.rsv = stages.reduce((bits, stage) => bits | stage.rsv, 0);
    this.decodesAll = stages.some((stage) => stage.rsv === 0);
  }

  /**
   * Encodes a message to be sent. The next call must wait for the result.
   *
   * @param payload must not change until the result is known; it is the payload of the result if no extension changes
   *   it
   */
  encode(payload: Uint8Array, opcode: MessageOpcode, options: SendOptions): EncodedMessage | Promise<EncodedMessage> {
    return encodeFrom(this.#stages, 0, { rsv: 0, payload }, opcode, options);
  }

  /**
   * The encoder that this pipeline has in common with others. `null` if it must encode each message itself, as with
   * several extensions.
   */
  get sharedEncoder(): SharedEncoder | null {
    const [stage] = this.#stages;
    return this.#stages.length === 1 ? (stage?.codec.sharedEncoder ?? null) : null;
  }

  /** Encodes a message by a `sharedEncoder`. Each connection calls `onShared()` right before it sends the result. */
  encodeShared(
    encoder: SharedEncoder,
    payload: Uint8Array,
    opcode: MessageOpcode,
    options: SendOptions,
  ): EncodedMessage | Promise<EncodedMessage> {
    const stage = { rsv: this.rsv as ReservedBit, codec: encoder };
    return encodeFrom([stage], 0, { rsv: 0, payload }, opcode, options);
  }

  /** Must be called before a message of the `sharedEncoder` is sent. */
  onShared(): void {
    this.#stages[0]?.codec.onShared?.();
  }

  /**
   * Decodes a received message. The next call must wait for the result.
   *
   * @param payload is not used after the method has returned
   * @param rsv the reserved bits of the first frame
   * @returns the message, or the rule that it violates. Bytes that are returned without a promise must be read at once:
   *   their memory may be used again. The bytes of a promise do not change
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

  /** Closes all codecs. @throws the first exception of a codec, after all have been closed */
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
    // The memory of a synchronous result may be used again before the promise is handled.
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
    throw new TypeError(`encode() of an extension must return a Uint8Array or null, not ${shown(payload)}`);
  }
  message.payload = payload;
  message.rsv |= rsv;
}

/** Whether a result is asynchronous. A promise of another library counts as well. */
function isPromise<Value>(value: Value | Promise<Value>): value is Promise<Value> {
  return value !== null && typeof value === "object" && "then" in value;
}

function isViolation(result: Uint8Array | Violation): result is Violation {
  return "closeCode" in result;
}
