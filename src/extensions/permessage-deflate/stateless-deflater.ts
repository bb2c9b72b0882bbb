import type { MessageOpcode } from "../../framing/index.ts";
import type { SendOptions, SharedEncoder } from "../extension.ts";
import type { Borrower, ContextPool } from "./context-pool.ts";
import { type DeflateConfig, isToBeDeflated, parametersFor, takesThreads, workToDeflate } from "./deflate-rules.ts";
import type { Deflater } from "./deflater.ts";
import type { DeflateParameters } from "./direct-zlib.ts";
import { inThreadSlot } from "./thread-slots.ts";
import { deflateInThread } from "./thread-zlib.ts";
import type { TurnBudget } from "./turn-budget.ts";

/** A context is given back before it can be evicted. */
const NEVER_EVICTED: Borrower<Deflater> = { onEvicted() {} };
/** A message for many connections is compressed even if all of them close. */
const ALWAYS = () => true;

/**
 * Compresses each message with an empty history (RFC 7692 section 7.2.1). The result does not depend on earlier
 * messages, so that one object serves all connections with the same configuration, and each of them can send the
 * result.
 */
export class StatelessDeflater implements SharedEncoder {
  readonly #config: DeflateConfig;
  readonly #contexts: ContextPool<Deflater, DeflateParameters>;
  readonly #budget: TurnBudget;
  readonly #direct: boolean;

  /**
   * @param budget bounds the synchronous work in one turn of the event loop
   * @param direct whether short messages are compressed synchronously
   */
  constructor(
    config: DeflateConfig,
    contexts: ContextPool<Deflater, DeflateParameters>,
    budget: TurnBudget,
    direct: boolean,
  ) {
    this.#config = config;
    this.#contexts = contexts;
    this.#budget = budget;
    this.#direct = direct;
  }

  encode(
    payload: Uint8Array,
    _opcode: MessageOpcode,
    options: SendOptions,
  ): Uint8Array | null | Promise<Uint8Array | null> {
    if (!isToBeDeflated(payload, options, this.#config)) return null;
    if (!this.#direct || takesThreads(payload, this.#config)) return this.deflateInThreadSlot(payload, ALWAYS);
    if (this.#budget.hasRoom) return this.deflateSync(payload);
    return this.#budget.later(() => this.deflateSync(payload), ALWAYS);
  }

  /** Compresses a message synchronously. @returns `null` if the result would not be shorter than the message */
  deflateSync(payload: Uint8Array): Uint8Array | null {
    this.#budget.spend(workToDeflate(payload, this.#config));
    const deflater = this.#contexts.take(parametersFor(payload, this.#config), NEVER_EVICTED);
    try {
      deflater.forget();
      const encoded = deflater.deflate(payload);
      return encoded !== null && encoded.length < payload.length ? encoded : null;
    } finally {
      this.#contexts.giveBack(deflater);
    }
  }

  /**
   * Compresses a long message in zlib's threads.
   *
   * @param isWanted see {@link ensureWanted}; called when a thread is free
   * @returns `null` if the result would not be shorter than the message
   */
  async deflateInThreadSlot(payload: Uint8Array, isWanted: () => boolean): Promise<Uint8Array | null> {
    const work = () => deflateInThread(payload, parametersFor(payload, this.#config));
    const encoded = await inThreadSlot(work, isWanted);
    return encoded.length < payload.length ? encoded : null;
  }
}
