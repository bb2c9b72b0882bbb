import type { SendOptions, SharedEncoder } from "../extension.ts";
import type { CodecConfig } from "./codec-config.ts";
import type { Borrower } from "./context-pool.ts";
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

/** Compresses the messages of one connection (RFC 7692 section 7.2.1). */
export class MessageDeflater implements Borrower<Deflater> {
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

  /** The encoder of all connections with the same configuration. */
  get sharedEncoder(): SharedEncoder {
    return this.#stateless;
  }

  /** @returns `null` to send the message uncompressed */
  encode(payload: Uint8Array, options: SendOptions): Uint8Array | null | Promise<Uint8Array | null> {
    if (!isToBeDeflated(payload, options, this.#config)) return null;
    if (!this.#contexts.direct || takesThreads(payload, this.#config)) return this.#encodeInThread(payload);
    const { deflating } = this.#contexts;
    if (deflating.hasRoom) return this.#encodeSync(payload);
    return deflating.later(
      () => this.#encodeSync(payload),
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

  /** Starts with an empty history, as a sender may before any message. */
  forget(): void {
    if (this.#deflater === null) return;
    this.#contexts.deflaters.giveBack(this.#deflater);
    this.#deflater = null;
  }

  /** Section 7.2.1: without context takeover each message MUST start with an empty window. */
  #encodeSync(payload: Uint8Array): Uint8Array | null {
    // The application may have detached the memory while the message waited.
    if (payload.length === 0) return null;
    return this.#config.encodeTakeover ? this.#encodeWithHistory(payload) : this.#stateless.deflateSync(payload);
  }

  #encodeWithHistory(payload: Uint8Array): Uint8Array | null {
    this.#contexts.deflating.spend(workToDeflate(payload, this.#config));
    const deflater = this.#ownDeflater(payload);
    const encoded = deflater.deflate(payload);
    if (encoded === null || !this.#isNotWorthIt(encoded, payload)) return encoded;
    deflater.forget();
    return null;
  }

  /** To send the message uncompressed costs the history: the peer's window would not contain it. */
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

  /** A context with the agreed window also serves short messages, so that it does not change back and forth. */
  #suits({ windowBits }: Deflater, { length }: Uint8Array): boolean {
    return length <= SHORT_MESSAGE || windowBits >= this.#config.encodeWindowBits;
  }

  /** A long message starts with an empty history, which would hardly make it shorter. */
  async #encodeInThread(payload: Uint8Array): Promise<Uint8Array | null> {
    const encoded = await this.#stateless.deflateInThreadSlot(payload, () => !this.#closed);
    if (encoded !== null) this.forget();
    return encoded;
  }
}
