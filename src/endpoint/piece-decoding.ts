import type { PieceDecoder } from "../extensions/index.ts";
import type { Violation } from "../framing/index.ts";

type Read = Uint8Array | Violation | null;

export interface PieceDecodingListener {
  /** Whether no piece is wanted for now. */
  readonly isPaused: boolean;
  /** A piece, to be read before this returns. @returns the rule that it breaks */
  onDecodedPiece(bytes: Uint8Array): Violation | null;
  /** The message is decoded to its end. @returns the rule that it breaks */
  onDecodedEnd(): Violation | null;
  /** Something is left to be done later: no frame should be read meanwhile. */
  onDecodingBusy(): void;
  /** It is done. */
  onDecodingIdle(): void;
  /** The message breaks a rule, or the decoder has thrown; not called if a method returns that. */
  onPiecesFailed(violation: Violation | null, cause?: unknown): void;
}

/**
 * Decodes one message in pieces, no faster than they are wanted. While a decoder is asynchronous, or pieces are not wanted,
 * it is busy.
 */
export class PieceDecoding {
  readonly #decoder: PieceDecoder;
  readonly #listener: PieceDecodingListener;
  #isBusy = false;
  /** Whether a promise of the decoder is pending. */
  #isReading = false;
  /** Whether pieces are being passed on: their receiver may want more of them within that call. */
  #isRunning = false;
  /** Whether the message has no further bytes, and whether the decoder knows. */
  #end: "open" | "pending" | "passed" | "reported" = "open";
  #isDiscarded = false;

  constructor(decoder: PieceDecoder, listener: PieceDecodingListener) {
    this.#decoder = decoder;
    this.#listener = listener;
  }

  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** Takes further bytes; not while it is busy. @returns the rule that they break, if that is known at once */
  write(payload: Buffer): Violation | null {
    this.#decoder.write(payload);
    return this.#run();
  }

  /** The message has no further bytes. @returns the rule that it breaks, if that is known at once */
  end(): Violation | null {
    this.#end = "pending";
    return this.#isBusy ? null : this.#run();
  }

  /** Pieces are wanted again. */
  resume(): void {
    if (this.#isBusy && !this.#isReading && !this.#isRunning && !this.#isDiscarded) this.#goOn(() => this.#run());
  }

  discard(): void {
    this.#isDiscarded = true;
    this.#isBusy = false;
    try {
      this.#decoder.close();
    } catch {
      // The message has failed, or is not wanted: an exception must not stop what ends the connection.
    }
  }

  #run(): Violation | null {
    this.#isRunning = true;
    try {
      return this.#readAll();
    } finally {
      this.#isRunning = false;
    }
  }

  #readAll(): Violation | null {
    while (!this.#listener.isPaused) {
      const result = this.#decoder.read();
      if (result !== null && "then" in result) {
        void this.#await(result);
        return null;
      }
      const violation = this.#take(result);
      if (violation !== null) return violation;
      if (this.#isDiscarded) return null;
      if (result === null && this.#end !== "pending") {
        this.#isBusy = false;
        return this.#end === "passed" ? this.#finish() : null;
      }
      if (result === null) this.#passEnd();
    }
    this.#wait();
    return null;
  }

  #take(result: Read): Violation | null {
    if (result === null) return null;
    return "closeCode" in result ? result : this.#listener.onDecodedPiece(result);
  }

  #passEnd(): void {
    this.#end = "passed";
    this.#decoder.end();
  }

  #finish(): Violation | null {
    this.#end = "reported";
    this.#decoder.close();
    return this.#listener.onDecodedEnd();
  }

  #wait(): void {
    this.#isBusy = true;
    this.#listener.onDecodingBusy();
  }

  async #await(reading: Promise<Read>): Promise<void> {
    this.#isReading = true;
    this.#wait();
    let result: Read = null;
    let failure: { readonly cause: unknown } | null = null;
    try {
      result = await reading;
    } catch (cause) {
      failure = { cause };
    }
    this.#isReading = false;
    if (this.#isDiscarded) return;
    if (failure !== null) this.#listener.onPiecesFailed(null, failure.cause);
    else this.#goOn(() => this.#afterRead(result));
  }

  /** `null` says that all bytes are decoded: the decoder must not be asked again before it gets more. */
  #afterRead(result: Read): Violation | null {
    this.#isRunning = true;
    const violation = this.#take(result);
    this.#isRunning = false;
    if (violation !== null || this.#isDiscarded) return violation;
    if (result !== null) return this.#run();
    if (this.#end === "pending") {
      this.#passEnd();
      return this.#run();
    }
    this.#isBusy = false;
    return this.#end === "passed" ? this.#finish() : null;
  }

  #goOn(work: () => Violation | null): void {
    try {
      const violation = work();
      if (violation !== null) this.#listener.onPiecesFailed(violation);
      else if (!this.#isBusy && !this.#isDiscarded) this.#listener.onDecodingIdle();
    } catch (cause) {
      this.#listener.onPiecesFailed(null, cause);
    }
  }
}
