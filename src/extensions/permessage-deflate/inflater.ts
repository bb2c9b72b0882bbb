import { constants } from "node:zlib";
import type { Violation } from "../../framing/violations.ts";
import { PooledContext } from "./context-pool.ts";
import { DeflateViolations } from "./deflate-violations.ts";
import { DirectZlib } from "./direct-zlib.ts";
import { LEFT_OF_TAIL_AND_BLOCK, TAIL_AND_BLOCK } from "./flush-tail.ts";
import { InflateMeter } from "./inflate-meter.ts";
import { SlidingWindow } from "./sliding-window.ts";

/** The longest message that is inflated synchronously, in bytes. A longer one takes zlib's threads. */
export const LONGEST_SYNCHRONOUS = 131_072;
/** The compressed bytes that zlib processes between two checks of the output. */
const SLICE = 16_384;

/** The output of all inflaters, one message at a time. It has one byte more: a full buffer means a message too long. */
const OUTPUT = Buffer.allocUnsafeSlow(LONGEST_SYNCHRONOUS + 1);
/** The header of a stored block: its type, then its length and the complement of that. */
const STORED = Buffer.alloc(5);
/** The unused output of `#prime`. It is longer than any window. */
const SCRATCH = Buffer.allocUnsafeSlow(32_769);

/** The message is too long to be inflated synchronously. */
export const TOO_LONG = Symbol("too long");

/** Inflates messages one after the other, each with the window of the earlier ones. */
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

  /** Starts with this window, as if these bytes were just inflated; with an empty one for `null`. */
  begin(window: Uint8Array | null): void {
    this.#window.clear();
    if (window !== null) this.#window.append(window, 0, window.length);
    this.#restart();
  }

  /** A copy of the window. */
  get window(): Buffer {
    return this.#window.snapshot();
  }

  /**
   * Inflates a message (RFC 7692 section 7.2.2).
   *
   * @param payload at least one byte
   * @param maxPayload the longest message that is accepted, in bytes
   * @returns the message, in memory that the next message overwrites. After any other result the inflater must be
   *   discarded, or started by `begin()`
   */
  inflate(payload: Buffer, maxPayload: number): Buffer | Violation | typeof TOO_LONG {
    const meter = new InflateMeter(maxPayload);
    let produced = 0;
    let at = 0;
    while (at < payload.length) {
      const end = Math.min(payload.length, at + SLICE);
      const more = this.#zlib.run(constants.Z_SYNC_FLUSH, payload, at, end, OUTPUT, produced);
      if (this.isBroken) return DeflateViolations.DEFLATE_CORRUPT;
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
    return this.#endsWell(produced) ? this.#take(produced) : DeflateViolations.DEFLATE_CORRUPT;
  }

  close(): void {
    this.#zlib.close();
  }

  /** zlib stops at a final block, but the message may go on and refer back (section 7.2.1 allows BFINAL). */
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
    // All is unread: the message ended with a final block. Some peers leave out the byte that must follow it.
    if (this.#zlib.inputLeft !== TAIL_AND_BLOCK.length) return false;
    this.#goOnAfterFinalBlock(produced);
    return true;
  }

  #take(produced: number): Buffer {
    this.#window.append(OUTPUT, 0, produced);
    return OUTPUT.subarray(0, produced);
  }

  /** Resets zlib and gives it the window. */
  #restart(): void {
    this.#zlib.reset();
    for (const piece of this.#window.last(this.#window.size)) this.#prime(piece);
  }

  /** Puts bytes into zlib's window: it reads them as a stored block, whose output is not used. */
  #prime(bytes: Buffer): void {
    if (bytes.length === 0) return;
    STORED.writeUInt16LE(bytes.length, 1);
    STORED.writeUInt16LE(bytes.length ^ 0xffff, 3);
    this.#zlib.run(constants.Z_SYNC_FLUSH, STORED, 0, STORED.length, SCRATCH, 0);
    this.#zlib.run(constants.Z_SYNC_FLUSH, bytes, 0, bytes.length, SCRATCH, 0);
  }
}
