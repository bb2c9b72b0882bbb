import type { SendOptions } from "../extension.ts";
import type { CodecConfig } from "./codec-config.ts";
import type { Tenant } from "./context-pool.ts";
import type { DeflateContexts } from "./deflate-contexts.ts";
import type { Deflater } from "./deflater.ts";
import type { DeflateParameters } from "./direct-zlib.ts";
import { deflateInPool } from "./pool-zlib.ts";

/** The longest messages that are compressed at once, in bytes: half a millisecond's work. Longer ones take threads. */
const LONGEST_AT_ONCE = 65_536;
const LONGEST_AT_ONCE_SLOW_LEVELS = 24_576;
const SLOW_FROM_LEVEL = 4;

/**
 * zlib cannot write raw DEFLATE with a window of 2^8 bytes. With 2^9 it never reaches back further than 512 - 262 =
 * 250 bytes (MIN_LOOKAHEAD), so that serves both.
 */
const SMALLEST_WINDOW_BITS = 9;

/** The sending half of permessage-deflate on one connection (RFC 7692 section 7.2.1). */
export class MessageDeflater implements Tenant<Deflater> {
  readonly #config: CodecConfig;
  readonly #contexts: DeflateContexts;
  #deflater: Deflater | null = null;

  constructor(config: CodecConfig, contexts: DeflateContexts) {
    this.#config = config;
    this.#contexts = contexts;
  }

  encode(payload: Uint8Array, options: SendOptions): Uint8Array | null | Promise<Uint8Array | null> {
    const wanted = options.compress ?? payload.length >= this.#config.threshold;
    if (!wanted || payload.length === 0) return null;
    if (!this.#contexts.direct || payload.length > this.#longestAtOnce) return this.#encodeInPool(payload);
    return this.#config.encodeTakeover ? this.#encodeWithHistory(payload) : this.#encodeAlone(payload);
  }

  onEvicted(): void {
    this.#deflater = null;
  }

  /** Begins with an empty history, as a sender may at any flush. */
  forget(): void {
    if (this.#deflater === null) return;
    this.#contexts.deflaters.giveBack(this.#deflater);
    this.#deflater = null;
  }

  get #longestAtOnce(): number {
    return this.#config.level < SLOW_FROM_LEVEL ? LONGEST_AT_ONCE : LONGEST_AT_ONCE_SLOW_LEVELS;
  }

  get #parameters(): DeflateParameters {
    const { level, memLevel, encodeWindowBits } = this.#config;
    return { level, memLevel, windowBits: Math.max(SMALLEST_WINDOW_BITS, encodeWindowBits) };
  }

  #encodeWithHistory(payload: Uint8Array): Uint8Array | null {
    const deflater = this.#ownDeflater();
    const encoded = deflater.deflate(payload);
    if (encoded === null || !this.#isNotWorthIt(encoded, payload)) return encoded;
    deflater.forget();
    return null;
  }

  /** The peer sees the message only in the encoded form: to send it plain costs the history, or what is left of it. */
  #isNotWorthIt(encoded: Uint8Array, payload: Uint8Array): boolean {
    return encoded.length >= payload.length && payload.length * 2 >= 1 << this.#config.encodeWindowBits;
  }

  #ownDeflater(): Deflater {
    const { deflaters } = this.#contexts;
    if (this.#deflater === null) {
      this.#deflater = deflaters.take(this.#parameters, this);
      this.#deflater.forget();
    } else {
      deflaters.touch(this.#deflater);
    }
    return this.#deflater;
  }

  /** Without context takeover one deflater is enough for all connections. */
  #encodeAlone(payload: Uint8Array): Uint8Array | null {
    const { deflaters } = this.#contexts;
    const deflater = deflaters.take(this.#parameters, this);
    deflater.forget();
    const encoded = deflater.deflate(payload);
    deflaters.giveBack(deflater);
    return encoded !== null && encoded.length < payload.length ? encoded : null;
  }

  /** From an empty history: what lies before a long message hardly helps it. */
  async #encodeInPool(payload: Uint8Array): Promise<Uint8Array | null> {
    const encoded = await deflateInPool(payload, this.#parameters);
    if (encoded.length >= payload.length) return null;
    this.forget();
    return encoded;
  }
}
