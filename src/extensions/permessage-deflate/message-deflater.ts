import type { SendOptions, SharedEncoder } from "../extension.ts";
import type { CodecConfig } from "./codec-config.ts";
import type { Tenant } from "./context-pool.ts";
import type { DeflateContexts } from "./deflate-contexts.ts";
import {
  isToBeDeflated,
  longMessageParameters,
  parametersFor,
  SHORT_MESSAGE,
  takesThreads,
  workToDeflate,
} from "./deflate-rules.ts";
import type { Deflater } from "./deflater.ts";
import { PieceDeflater } from "./piece-deflater.ts";
import type { StatelessDeflater } from "./stateless-deflater.ts";

/** The sending half of permessage-deflate on one connection (RFC 7692 section 7.2.1). */
export class MessageDeflater implements Tenant<Deflater> {
  readonly #config: CodecConfig;
  readonly #contexts: DeflateContexts;
  readonly #stateless: StatelessDeflater;
  #deflater: Deflater | null = null;
  #closed = false;

  constructor(config: CodecConfig, contexts: DeflateContexts) {
    this.#config = config;
    this.#contexts = contexts;
    this.#stateless = contexts.statelessDeflater(config);
  }

  /** What compresses for all connections with the same configuration. */
  get sharedEncoder(): SharedEncoder {
    return this.#stateless;
  }

  encode(payload: Uint8Array, options: SendOptions): Uint8Array | null | Promise<Uint8Array | null> {
    if (!isToBeDeflated(payload, options, this.#config)) return null;
    if (!this.#contexts.direct || takesThreads(payload, this.#config)) return this.#encodeInThreads(payload);
    const { deflating } = this.#contexts;
    if (deflating.hasRoom) return this.#encodeAtOnce(payload);
    return deflating.later(
      () => this.#encodeAtOnce(payload),
      () => !this.#closed,
    );
  }

  /**
   * For a message that is sent in fragments, from an empty history: its length is not known, so that it is compressed
   * unless `send()` says otherwise. The next message must not refer to what was before it.
   */
  encodePieces({ compress }: SendOptions): PieceDeflater | null {
    if (compress === false) return null;
    this.forget();
    return new PieceDeflater(longMessageParameters(this.#config));
  }

  onEvicted(): void {
    this.#deflater = null;
  }

  close(): void {
    this.#closed = true;
    this.forget();
  }

  /** Begins with an empty history, as a sender may at any flush. */
  forget(): void {
    if (this.#deflater === null) return;
    this.#contexts.deflaters.giveBack(this.#deflater);
    this.#deflater = null;
  }

  /** Section 7.2.1: without context takeover each message "MUST" begin with an empty window. */
  #encodeAtOnce(payload: Uint8Array): Uint8Array | null {
    // The application may have detached the memory while the message waited: there is nothing left to compress.
    if (payload.length === 0) return null;
    return this.#config.encodeTakeover ? this.#encodeWithHistory(payload) : this.#stateless.deflateAtOnce(payload);
  }

  #encodeWithHistory(payload: Uint8Array): Uint8Array | null {
    this.#contexts.deflating.spend(workToDeflate(payload, this.#config));
    const deflater = this.#ownDeflater(payload);
    const encoded = deflater.deflate(payload);
    if (encoded === null || !this.#isNotWorthIt(encoded, payload)) return encoded;
    deflater.forget();
    return null;
  }

  /** The peer sees the message only in the encoded form: to send it plain costs the history, or what is left of it. */
  #isNotWorthIt(encoded: Uint8Array, payload: Uint8Array): boolean {
    return encoded.length >= payload.length && payload.length * 2 >= 1 << this.#config.encodeWindowBits;
  }

  #ownDeflater(payload: Uint8Array): Deflater {
    const { deflaters } = this.#contexts;
    if (this.#deflater !== null && this.#suits(this.#deflater, payload)) {
      deflaters.touch(this.#deflater);
      return this.#deflater;
    }
    this.forget();
    this.#deflater = deflaters.take(parametersFor(payload, this.#config), this);
    this.#deflater.forget();
    return this.#deflater;
  }

  /** A large window serves short messages as well: it does not change back and forth. */
  #suits({ windowBits }: Deflater, { length }: Uint8Array): boolean {
    return length <= SHORT_MESSAGE || windowBits >= this.#config.encodeWindowBits;
  }

  /** From an empty history: what lies before a long message hardly helps it. */
  async #encodeInThreads(payload: Uint8Array): Promise<Uint8Array | null> {
    const encoded = await this.#stateless.deflateInThreads(payload, () => !this.#closed);
    if (encoded !== null) this.forget();
    return encoded;
  }
}
