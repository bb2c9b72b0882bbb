import { constants } from "node:zlib";
import { type Violation, Violations } from "../../framing/violations.ts";
import { PooledContext } from "./context-pool.ts";
import { DirectZlib } from "./direct-zlib.ts";
import { LEFT_OF_TAIL_AND_BLOCK, TAIL_AND_BLOCK } from "./flush-tail.ts";
import { InflateMeter } from "./inflate-meter.ts";
import { SlidingWindow } from "./sliding-window.ts";

/** The longest message that is inflated at once; a longer one takes zlib's threads. In bytes, as the next. */
export const LONGEST_AT_ONCE = 131_072;
/** Compressed bytes that are given to zlib at once, between two looks at what comes out. */
const SLICE = 16_384;

/** Where messages are inflated, by all inflaters in turn: the last byte is never used, so that full means too long. */
const OUTPUT = Buffer.allocUnsafeSlow(LONGEST_AT_ONCE + 1);
/** A stored block's header: the type, the length and its complement follow. */
const STORED = Buffer.alloc(5);
/** Where zlib puts a window that it is given to read: never looked at, and longer than any. */
const SCRATCH = Buffer.allocUnsafeSlow(32_769);

/** The message is longer than can be inflated at once. */
export const TOO_LONG = Symbol("too long");

/** Inflates messages one by one, each with the window of those before. */
export class Inflater extends PooledContext {
  readonly #zlib: DirectZlib;
  readonly #window: SlidingWindow;

  constructor(windowBits: number) {
    super();
    this.#zlib = DirectZlib.inflate(windowBits);
    this.#window = new SlidingWindow(windowBits);
  }

  get isBroken(): boolean {
    return this.#zlib.failed;
  }

  /** Begins as if it had just inflated these bytes. */
  begin(window: Uint8Array | null): void {
    this.#window.clear();
    if (window !== null) this.#window.append(window, 0, window.length);
    this.#restart();
  }

  /** The window, in memory of its own. */
  get window(): Buffer {
    return this.#window.snapshot();
  }

  /**
   * RFC 7692 section 7.2.2.
   *
   * @param payload at least one byte
   * @returns the message, to be read before anything else is inflated; after anything else the context is broken
   */
  inflate(payload: Buffer, maxPayload: number): Buffer | Violation | typeof TOO_LONG {
    const meter = new InflateMeter(maxPayload);
    let produced = 0;
    let at = 0;
    while (at < payload.length) {
      const end = Math.min(payload.length, at + SLICE);
      const more = this.#zlib.run(constants.Z_SYNC_FLUSH, payload, at, end, OUTPUT, produced);
      if (this.isBroken) return Violations.DEFLATE_CORRUPT;
      const taken = end - at - this.#zlib.inputLeft;
      const violation = meter.count(taken, more);
      if (violation !== null) return violation;
      produced += more;
      at += taken;
      if (produced === OUTPUT.length) return TOO_LONG;
      if (this.#zlib.inputLeft > 0) {
        const wasteful = meter.countRestart();
        if (wasteful !== null) return wasteful;
        this.#goOnAfterFinalBlock(produced);
      }
    }
    return this.#endsWell(produced) ? this.#take(produced) : Violations.DEFLATE_CORRUPT;
  }

  close(): void {
    this.#zlib.close();
  }

  /** zlib ends with a final block, the message does not (section 7.2.1 allows BFINAL): what follows may refer back. */
  #goOnAfterFinalBlock(produced: number): void {
    this.#zlib.reset();
    const { size } = this.#window;
    const ofOutput = Math.min(size, produced);
    for (const piece of this.#window.last(size - ofOutput)) this.#prime(piece);
    this.#prime(OUTPUT.subarray(produced - ofOutput, produced));
  }

  #endsWell(produced: number): boolean {
    const more = this.#zlib.run(constants.Z_BLOCK, TAIL_AND_BLOCK, 0, TAIL_AND_BLOCK.length, OUTPUT, produced);
    if (this.isBroken || more > 0) return false;
    if (this.#zlib.inputLeft === LEFT_OF_TAIL_AND_BLOCK) return true;
    // Nothing was taken: the message ended with a final block, and some leave out the byte that should follow it.
    if (this.#zlib.inputLeft !== TAIL_AND_BLOCK.length) return false;
    this.#goOnAfterFinalBlock(produced);
    return true;
  }

  #take(produced: number): Buffer {
    this.#window.append(OUTPUT, 0, produced);
    return OUTPUT.subarray(0, produced);
  }

  /** zlib's context from the start, with the window in front of it. */
  #restart(): void {
    this.#zlib.reset();
    for (const piece of this.#window.last(this.#window.size)) this.#prime(piece);
  }

  /** Lets zlib read bytes as a stored block that nobody else does. */
  #prime(bytes: Buffer): void {
    if (bytes.length === 0) return;
    STORED.writeUInt16LE(bytes.length, 1);
    STORED.writeUInt16LE(bytes.length ^ 0xffff, 3);
    this.#zlib.run(constants.Z_SYNC_FLUSH, STORED, 0, STORED.length, SCRATCH, 0);
    this.#zlib.run(constants.Z_SYNC_FLUSH, bytes, 0, bytes.length, SCRATCH, 0);
  }
}
