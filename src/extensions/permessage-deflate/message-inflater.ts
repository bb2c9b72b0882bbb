import { type MessageOpcode, Opcode } from "../../framing/index.ts";
import type { Violation } from "../../framing/violations.ts";
import type { CodecConfig } from "./codec-config.ts";
import type { Borrower } from "./context-pool.ts";
import type { DeflateContexts } from "./deflate-contexts.ts";
import { type Inflater, LONGEST_SYNCHRONOUS, TOO_LONG } from "./inflater.ts";
import { PieceInflater } from "./piece-inflater.ts";
import { inThreadSlot } from "./thread-slots.ts";
import { type Inflated, inflateInThread } from "./thread-zlib.ts";

/** The longest compressed message that is inflated synchronously, in bytes. */
const LONGEST_SYNCHRONOUS_INPUT = 65_536;
/** The cost of inflating a compressed byte, in the unit of `TurnBudget`. */
const WORK_PER_INPUT_BYTE = 8;
/** The cost of delivering an inflated byte: a binary message needs a copy, a text message a string. */
const WORK_PER_BINARY_BYTE = 2;
const WORK_PER_TEXT_BYTE = 4;

const NOTHING = Buffer.alloc(0);

/** Inflates the messages of one connection (RFC 7692 section 7.2.2). */
export class MessageInflater implements Borrower<Inflater> {
  readonly #config: CodecConfig;
  readonly #maxPayload: number;
  readonly #contexts: DeflateContexts;
  #inflater: Inflater | null = null;
  /** The window while there is no inflater; `null` if it is empty. */
  #window: Buffer | null = null;
  #closed = false;

  constructor(config: CodecConfig, maxPayload: number, contexts: DeflateContexts) {
    this.#config = config;
    this.#maxPayload = maxPayload;
    this.#contexts = contexts;
  }

  decode(payload: Buffer, opcode: MessageOpcode): Uint8Array | Violation | Promise<Uint8Array | Violation> {
    // An empty message has one byte (section 7.2.3.6). Some peers send none: zlib's second flush in a row is empty.
    if (payload.length === 0) return NOTHING;
    const { direct, inflating } = this.#contexts;
    if (!direct || payload.length > LONGEST_SYNCHRONOUS_INPUT)
      return this.#decodeInThread(Buffer.from(payload), opcode);
    if (inflating.hasRoom) return this.#decodeSync(payload, opcode);
    const ownPayload = Buffer.from(payload);
    return inflating.later(
      () => this.#decodeDeferred(ownPayload, opcode),
      () => !this.#closed,
    );
  }

  /** Section 7.2.2 for a message that is inflated as it comes; the next one begins when it has ended. */
  decodePieces(maxPayload: number): PieceInflater {
    this.#giveUpContext();
    return new PieceInflater(this.#window, this.#config.decodeWindowBits, maxPayload, (window) => {
      this.#window = this.#config.decodeTakeover && window.length > 0 ? window : null;
    });
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

  /** @returns a message in memory that the next message overwrites */
  #decodeSync(payload: Buffer, opcode: MessageOpcode): Uint8Array | Violation | Promise<Uint8Array | Violation> {
    const inflater = this.#ownInflater();
    const result = inflater.inflate(payload, this.#maxPayload);
    const produced = Buffer.isBuffer(result) ? result.length : LONGEST_SYNCHRONOUS;
    this.#contexts.inflating.spend(payload.length * WORK_PER_INPUT_BYTE + workToDeliver(produced, opcode));
    if (!Buffer.isBuffer(result)) return this.#onNotInflated(inflater, result, payload, opcode);
    // Section 7.2.2: if the peer may use context takeover, the window MUST be that of its last message.
    if (!this.#config.decodeTakeover) this.#giveBack(inflater);
    return result;
  }

  /** Copies the message: another one may be inflated before it is read. */
  #decodeDeferred(payload: Buffer, opcode: MessageOpcode): Uint8Array | Violation | Promise<Uint8Array | Violation> {
    const result = this.#decodeSync(payload, opcode);
    return Buffer.isBuffer(result) ? Buffer.from(result) : result;
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

  /** The context is inside the message. Its next borrower resets it, unless it is broken. */
  #onNotInflated(
    inflater: Inflater,
    result: Violation | typeof TOO_LONG,
    payload: Buffer,
    opcode: MessageOpcode,
  ): Violation | Promise<Uint8Array | Violation> {
    if (this.#config.decodeTakeover) this.#window = inflater.window;
    if (result === TOO_LONG) {
      this.#giveBack(inflater);
      return this.#decodeInThread(Buffer.from(payload), opcode);
    }
    this.#contexts.inflaters.discard(inflater);
    this.#inflater = null;
    return result;
  }

  /** From now on the window alone is what the connection keeps. */
  #giveUpContext(): void {
    const inflater = this.#inflater;
    if (inflater === null) return;
    this.onEvicted(inflater);
    this.#contexts.inflaters.giveBack(inflater);
  }

  async #decodeInThread(payload: Buffer, opcode: MessageOpcode): Promise<Uint8Array | Violation> {
    this.#giveUpContext();
    const result = await inThreadSlot(
      () => this.#inflateInSlot(payload, opcode),
      () => !this.#closed,
    );
    if ("section" in result) return result;
    this.#window = this.#config.decodeTakeover && result.window.length > 0 ? result.window : null;
    return result.message;
  }

  /** The result keeps its slot until there is budget to deliver it, so that inflated messages do not pile up. */
  async #inflateInSlot(payload: Buffer, opcode: MessageOpcode): Promise<Inflated | Violation> {
    const { inflating } = this.#contexts;
    const result = await inflateInThread(payload, this.#window, this.#config.decodeWindowBits, this.#maxPayload);
    if ("section" in result) return result;
    const spend = () => inflating.spend(workToDeliver(result.message.length, opcode));
    if (inflating.hasRoom) spend();
    else await inflating.later(spend, () => !this.#closed);
    return result;
  }
}

function workToDeliver(length: number, opcode: MessageOpcode): number {
  return length * (opcode === Opcode.Text ? WORK_PER_TEXT_BYTE : WORK_PER_BINARY_BYTE);
}
