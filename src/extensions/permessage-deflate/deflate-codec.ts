import type { MessageOpcode } from "../../framing/index.ts";
import type { Violation } from "../../framing/violations.ts";
import type { MessageCodec, PieceDecoder, PieceEncoder, SendOptions, SharedEncoder } from "../extension.ts";
import type { CodecConfig } from "./codec-config.ts";
import { type DeflateContexts, processContexts } from "./deflate-contexts.ts";
import { MessageDeflater } from "./message-deflater.ts";
import { MessageInflater } from "./message-inflater.ts";

/** The codec of permessage-deflate on one connection (RFC 7692 section 7.2). */
export class DeflateCodec implements MessageCodec {
  readonly #deflater: MessageDeflater;
  readonly #inflater: MessageInflater;

  /** @param maxPayload the longest message that is accepted, in bytes */
  constructor(config: CodecConfig, maxPayload: number, contexts: DeflateContexts = processContexts) {
    this.#deflater = new MessageDeflater(config, contexts);
    this.#inflater = new MessageInflater(config, maxPayload, contexts);
  }

  get sharedEncoder(): SharedEncoder {
    return this.#deflater.sharedEncoder;
  }

  encode(
    payload: Uint8Array,
    _opcode: MessageOpcode,
    options: SendOptions,
  ): Uint8Array | null | Promise<Uint8Array | null> {
    return this.#deflater.encode(payload, options);
  }

  decode(payload: Buffer, opcode: MessageOpcode): Uint8Array | Violation | Promise<Uint8Array | Violation> {
    return this.#inflater.decode(payload, opcode);
  }

  decodePieces(_opcode: MessageOpcode, maxPayload: number): PieceDecoder {
    return this.#inflater.decodePieces(maxPayload);
  }

  encodePieces(_opcode: MessageOpcode, options: SendOptions): PieceEncoder | null {
    return this.#deflater.encodePieces(options);
  }

  /** Section 7.2.1: the peer's window now ends with the shared message, so that the next one must not refer back. */
  onShared(): void {
    this.#deflater.forget();
  }

  close(): void {
    this.#deflater.close();
    this.#inflater.close();
  }
}
