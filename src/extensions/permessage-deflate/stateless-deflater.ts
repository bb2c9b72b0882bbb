import type { MessageOpcode } from "../../framing/index.ts";
import type { SendOptions, SharedEncoder } from "../extension.ts";
import type { ContextPool, Tenant } from "./context-pool.ts";
import { type DeflateConfig, isToBeDeflated, parametersFor, takesThreads, workToDeflate } from "./deflate-rules.ts";
import type { Deflater } from "./deflater.ts";
import type { DeflateParameters } from "./direct-zlib.ts";
import { deflateInPool } from "./pool-zlib.ts";
import { inThreadSlot } from "./thread-slots.ts";
import type { TurnBudget } from "./turn-budget.ts";

/** Contexts are given back before anybody could take them away. */
const NOBODY: Tenant<Deflater> = { onEvicted() {} };
/** A message for many connections is compressed even if all of them close. */
const ALWAYS = () => true;

/**
 * Compresses messages each from an empty history (RFC 7692 section 7.2.1). What becomes of one depends on nothing that
 * went before, so that one deflater serves all connections with the same configuration, and all can send the result.
 */
export class StatelessDeflater implements SharedEncoder {
  readonly #config: DeflateConfig;
  readonly #contexts: ContextPool<Deflater, DeflateParameters>;
  readonly #budget: TurnBudget;
  readonly #direct: boolean;

  /**
   * @param budget bounds the synchronous work of a turn
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
    if (!this.#direct || takesThreads(payload, this.#config)) return this.deflateInThreads(payload, ALWAYS);
    if (this.#budget.hasRoom) return this.deflateAtOnce(payload);
    return this.#budget.later(() => this.deflateAtOnce(payload), ALWAYS);
  }

  /** @returns `null` where the result would be no shorter than the message */
  deflateAtOnce(payload: Uint8Array): Uint8Array | null {
    this.#budget.spend(workToDeflate(payload, this.#config));
    const deflater = this.#contexts.take(parametersFor(payload, this.#config), NOBODY);
    try {
      deflater.forget();
      const encoded = deflater.deflate(payload);
      return encoded !== null && encoded.length < payload.length ? encoded : null;
    } finally {
      this.#contexts.giveBack(deflater);
    }
  }

  /**
   * The same for a long message, in zlib's threads.
   *
   * @param isWanted asked when a thread is free; if not, the promise is rejected
   */
  async deflateInThreads(payload: Uint8Array, isWanted: () => boolean): Promise<Uint8Array | null> {
    const work = () => deflateInPool(payload, parametersFor(payload, this.#config));
    const encoded = await inThreadSlot(work, isWanted);
    return encoded.length < payload.length ? encoded : null;
  }
}
