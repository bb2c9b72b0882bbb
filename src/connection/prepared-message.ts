import { wrongType } from "../arguments/index.ts";
import type { EncodedMessage, MessagePipeline, SendOptions, SharedEncoder } from "../extensions/index.ts";
import { FIN_BIT, type MessageOpcode, Opcode } from "../framing/index.ts";
import { prepareOptions } from "./connection-arguments.ts";
import { asBytes, type BinaryData } from "./payload.ts";
import { type ReadyFrame, readyFrame } from "./ready-frame.ts";

/**
 * A message that any number of connections send, each any number of times: `prepare()` makes it. It is put into a frame
 * once, and compressed once for all connections that compress alike.
 *
 * It is compressed by itself. A connection that takes its context over begins anew behind it, so that its next message
 * finds none of those before to refer to: the price where a message of all comes between many of one's own.
 */
export class PreparedMessage {
  /** @internal */
  readonly opcode: MessageOpcode;
  /** @internal */
  readonly options: SendOptions;
  /** As it is, without any extension. @internal */
  readonly plain: ReadyFrame;
  /** What goes out instead where an extension encodes it, or will once that is done. */
  readonly #encoded = new Map<SharedEncoder, ReadyFrame | Promise<ReadyFrame>>();

  /** @internal */
  constructor(opcode: MessageOpcode, payload: Uint8Array, options: SendOptions) {
    if (!(payload instanceof Uint8Array))
      throw wrongType("ARGUMENT_INVALID", "prepared messages are made by prepare()");
    this.opcode = opcode;
    this.options = options;
    this.plain = readyFrame(FIN_BIT | opcode, payload);
  }

  /** What was prepared, in memory of its own: a string for text, a Buffer for binary. */
  get data(): string | Buffer {
    return this.opcode === Opcode.Text ? this.payload.toString("utf8") : Buffer.from(this.payload);
  }

  /** Its bytes, before compression. */
  get byteLength(): number {
    return this.payload.length;
  }

  /** Not to be changed. @internal */
  get payload(): Buffer {
    return this.plain.payload;
  }

  /**
   * The frame for connections whose pipelines have this shared encoder; `plain` itself where the extension leaves the
   * message as it is. What fails is tried again for the next connection.
   *
   * @internal
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

/**
 * Makes a message ready for any number of connections: `connection.send(prepared)`, `server.broadcast(prepared)`. Bytes
 * are copied and may change afterwards.
 *
 * @param options whether to compress it, where compression was negotiated
 * @throws TypeError for anything but a string, an ArrayBuffer or a view of one, and for options that are not valid
 */
export function prepare(data: string | BinaryData, options?: SendOptions): PreparedMessage;
export function prepare(data: string | BinaryData, options = {}, ...further: unknown[]): PreparedMessage {
  const isText = typeof data === "string";
  const payload = isText ? Buffer.from(data) : asBytes(data);
  return new PreparedMessage(isText ? Opcode.Text : Opcode.Binary, payload, prepareOptions(options, further));
}
