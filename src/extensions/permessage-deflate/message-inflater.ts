import type { Violation } from "../../errors.ts";
import type { CodecConfig } from "./codec-config.ts";
import type { Tenant } from "./context-pool.ts";
import type { DeflateContexts } from "./deflate-contexts.ts";
import { type Inflater, TOO_LONG } from "./inflater.ts";
import { inflateInPool } from "./pool-zlib.ts";

/** Compressed bytes of a message that is inflated at once, and what all messages of a connection may become in a turn. */
const LONGEST_INPUT_AT_ONCE = 65_536;
const OUTPUT_IN_A_TURN = 1 << 20;

const NOTHING = Buffer.alloc(0);

/** The receiving half of permessage-deflate on one connection (RFC 7692 section 7.2.2). */
export class MessageInflater implements Tenant<Inflater> {
  readonly #config: CodecConfig;
  readonly #maxPayload: number;
  readonly #contexts: DeflateContexts;
  #inflater: Inflater | null = null;
  /** The window while there is no inflater, `null` where it is empty. */
  #window: Buffer | null = null;
  #turn = 0;
  #outputInTurn = 0;
  #closed = false;

  constructor(config: CodecConfig, maxPayload: number, contexts: DeflateContexts) {
    this.#config = config;
    this.#maxPayload = maxPayload;
    this.#contexts = contexts;
  }

  decode(payload: Buffer): Uint8Array | Violation | Promise<Uint8Array | Violation> {
    // An empty message is one byte (section 7.2.3.6), but zlib's second flush in a row gives none, and some send that.
    if (payload.length === 0) return NOTHING;
    if (!this.#mayInflateNow(payload)) return this.#decodeInPool(Buffer.from(payload));
    const inflater = this.#ownInflater();
    const result = inflater.inflate(payload, this.#maxPayload);
    if (!Buffer.isBuffer(result)) return this.#onNotInflated(inflater, result, payload);
    this.#outputInTurn += result.length;
    // Section 7.2.2: where the peer may take its context over, the window MUST be that of its last message.
    if (!this.#config.decodeTakeover) this.#giveBack(inflater);
    return result;
  }

  onEvicted(inflater: Inflater): void {
    if (this.#config.decodeTakeover) this.#window = inflater.window;
    this.#inflater = null;
  }

  close(): void {
    this.#closed = true;
    if (this.#inflater !== null) this.#giveBack(this.#inflater);
    this.#window = null;
  }

  #mayInflateNow(payload: Buffer): boolean {
    if (!this.#contexts.direct || payload.length > LONGEST_INPUT_AT_ONCE) return false;
    const turn = this.#contexts.turn;
    if (turn !== this.#turn) {
      this.#turn = turn;
      this.#outputInTurn = 0;
    }
    return this.#outputInTurn < OUTPUT_IN_A_TURN;
  }

  #ownInflater(): Inflater {
    const { inflaters } = this.#contexts;
    if (this.#inflater !== null) {
      inflaters.touch(this.#inflater);
      return this.#inflater;
    }
    this.#inflater = inflaters.take(this.#config.decodeWindowBits, this);
    this.#inflater.begin(this.#window);
    this.#window = null;
    return this.#inflater;
  }

  #giveBack(inflater: Inflater): void {
    this.#contexts.inflaters.giveBack(inflater);
    this.#inflater = null;
  }

  /** The context is in the middle of the message: whoever gets it begins anew, where it is not broken. */
  #onNotInflated(
    inflater: Inflater,
    result: Violation | typeof TOO_LONG,
    payload: Buffer,
  ): Violation | Promise<Uint8Array | Violation> {
    if (this.#config.decodeTakeover) this.#window = inflater.window;
    if (result === TOO_LONG) {
      this.#giveBack(inflater);
      return this.#decodeInPool(Buffer.from(payload));
    }
    this.#contexts.inflaters.discard(inflater);
    this.#inflater = null;
    return result;
  }

  async #decodeInPool(payload: Buffer): Promise<Uint8Array | Violation> {
    const inflater = this.#inflater;
    if (inflater !== null) {
      this.onEvicted(inflater);
      this.#contexts.inflaters.giveBack(inflater);
    }
    const { decodeWindowBits, decodeTakeover } = this.#config;
    const isWanted = () => !this.#closed;
    const result = await inflateInPool(payload, this.#window, decodeWindowBits, this.#maxPayload, isWanted);
    if ("section" in result) return result;
    this.#window = decodeTakeover && result.window.length > 0 ? result.window : null;
    return result.message;
  }
}
