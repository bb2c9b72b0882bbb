import type { SendOptions } from "../extension.ts";
import type { CodecConfig } from "./codec-config.ts";
import type { Tenant } from "./context-pool.ts";
import type { DeflateContexts } from "./deflate-contexts.ts";
import type { Deflater } from "./deflater.ts";
import type { DeflateParameters } from "./direct-zlib.ts";
import { deflateInPool } from "./pool-zlib.ts";

/**
 * Messages up to this many bytes are compressed with a small window: it stays in the processor's caches, takes half of
 * the memory, and what repeats in short messages lies near. A longer message makes the connection's window a large one.
 */
const SHORT_MESSAGE = 2048;
const SHORT_MESSAGE_WINDOW_BITS = 13;
const SHORT_MESSAGE_MEM_LEVEL = 6;

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
  #closed = false;

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

  get #longestAtOnce(): number {
    return this.#config.level < SLOW_FROM_LEVEL ? LONGEST_AT_ONCE : LONGEST_AT_ONCE_SLOW_LEVELS;
  }

  #parametersFor({ length }: Uint8Array): DeflateParameters {
    const { level, memLevel, encodeWindowBits } = this.#config;
    const windowBits = Math.max(SMALLEST_WINDOW_BITS, encodeWindowBits);
    if (length > SHORT_MESSAGE) return { level, memLevel, windowBits };
    return {
      level,
      memLevel: Math.min(SHORT_MESSAGE_MEM_LEVEL, memLevel),
      windowBits: Math.min(SHORT_MESSAGE_WINDOW_BITS, windowBits),
    };
  }

  #encodeWithHistory(payload: Uint8Array): Uint8Array | null {
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
    this.#deflater = deflaters.take(this.#parametersFor(payload), this);
    this.#deflater.forget();
    return this.#deflater;
  }

  /** A large window serves short messages as well: it does not change back and forth. */
  #suits({ windowBits }: Deflater, { length }: Uint8Array): boolean {
    return length <= SHORT_MESSAGE || windowBits >= this.#config.encodeWindowBits;
  }

  /**
   * Section 7.2.1: without context takeover each message "MUST" begin with an empty window, so that one deflater is
   * enough for all connections.
   */
  #encodeAlone(payload: Uint8Array): Uint8Array | null {
    const { deflaters } = this.#contexts;
    const deflater = deflaters.take(this.#parametersFor(payload), this);
    deflater.forget();
    try {
      const encoded = deflater.deflate(payload);
      return encoded !== null && encoded.length < payload.length ? encoded : null;
    } finally {
      deflaters.giveBack(deflater);
    }
  }

  /** From an empty history: what lies before a long message hardly helps it. */
  async #encodeInPool(payload: Uint8Array): Promise<Uint8Array | null> {
    const encoded = await deflateInPool(payload, this.#parametersFor(payload), () => !this.#closed);
    if (encoded.length >= payload.length) return null;
    this.forget();
    return encoded;
  }
}
