import type { EncodedMessage, MessagePipeline, SendOptions, SharedEncoder } from "../extensions/index.ts";
import { FIN_BIT, type MessageOpcode } from "../framing/index.ts";
import { type ReadyFrame, readyFrame } from "./ready-frame.ts";

/**
 * A message that any number of endpoints send: it is put into a frame once, and compressed once for all endpoints that
 * compress alike.
 */
export class FramedMessage {
  readonly opcode: MessageOpcode;
  readonly options: SendOptions;
  /** The message without any extension. */
  readonly plain: ReadyFrame;
  /** The frame by each encoder, or a promise while it is being encoded. */
  readonly #encoded = new Map<SharedEncoder, ReadyFrame | Promise<ReadyFrame>>();

  /** @param payload is copied */
  constructor(opcode: MessageOpcode, payload: Uint8Array, options: SendOptions) {
    this.opcode = opcode;
    this.options = options;
    this.plain = readyFrame(FIN_BIT | opcode, payload);
  }

  /** Must not be changed. */
  get payload(): Buffer {
    return this.plain.payload;
  }

  /** The bytes of the payload, before any extension. */
  get byteLength(): number {
    return this.plain.payload.length;
  }

  /**
   * The frame for endpoints whose pipelines have this shared encoder; `plain` itself if the extension leaves the message
   * as it is. If encoding fails, it is tried again for the next endpoint.
   */
  encodedBy(encoder: SharedEncoder, pipeline: MessagePipeline): ReadyFrame | Promise<ReadyFrame> {
    const known = this.#encoded.get(encoder);
    if (known !== undefined) return known;
    const encoding = pipeline.encodeShared(encoder, this.payload, this.opcode, this.options);
    const frame = "payload" in encoding ? this.#framed(encoding) : this.#settled(encoder, encoding);
    this.#encoded.set(encoder, frame);
    return frame;
  }

  async #settled(encoder: SharedEncoder, encoding: Promise<EncodedMessage>): Promise<ReadyFrame> {
    try {
      const frame = this.#framed(await encoding);
      this.#encoded.set(encoder, frame);
      return frame;
    } catch (error) {
      this.#encoded.delete(encoder);
      throw error;
    }
  }

  #framed({ rsv, payload }: EncodedMessage): ReadyFrame {
    return rsv === 0 && payload === this.payload ? this.plain : readyFrame(FIN_BIT | rsv | this.opcode, payload);
  }
}
