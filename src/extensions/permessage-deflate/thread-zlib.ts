import { constants, createInflateRaw, deflateRaw, type InflateRaw } from "node:zlib";
import type { Violation } from "../../framing/violations.ts";
import { DeflateViolations } from "./deflate-violations.ts";
import type { DeflateParameters } from "./direct-zlib.ts";
import { FLUSH_TAIL_LENGTH, LEFT_OF_TAIL_AND_END, TAIL_AND_END } from "./flush-tail.ts";
import { InflateMeter } from "./inflate-meter.ts";
import { SlidingWindow } from "./sliding-window.ts";

/** The bytes that a job in zlib's threads may produce at once. */
const CHUNK_SIZE = 65_536;
/** The compressed bytes of a job in zlib's threads. */
const SLICE = 16_384;

/** Compresses a message with an empty history (RFC 7692 section 7.2.1) in zlib's threads. The caller holds a slot. */
export function deflateInThread(payload: Uint8Array, parameters: DeflateParameters): Promise<Buffer> {
  const options = { ...parameters, finishFlush: constants.Z_SYNC_FLUSH, chunkSize: CHUNK_SIZE };
  return new Promise((resolve, reject) => {
    deflateRaw(payload, options, (error, result) => {
      if (error === null) resolve(result.subarray(0, result.length - FLUSH_TAIL_LENGTH));
      else reject(error);
    });
  });
}

/** The result of `inflateInThread`. */
export interface Inflated {
  readonly message: Buffer;
  /** The window of the next message. */
  readonly window: Buffer;
}

/** Inflates one message in zlib's threads. */
class ThreadInflate {
  readonly #input: Buffer;
  readonly #payloadLength: number;
  readonly #windowBits: number;
  readonly #window: SlidingWindow;
  readonly #meter: InflateMeter;
  readonly #chunks: Buffer[] = [];
  #violation: Violation | null = null;
  #produced = 0;
  /** The bytes of output when the payload was read: those behind it may produce none. */
  #producedByPayload = 0;

  constructor(payload: Buffer, window: Buffer | null, windowBits: number, maxPayload: number) {
    this.#input = Buffer.concat([payload, TAIL_AND_END]);
    this.#payloadLength = payload.length;
    this.#windowBits = windowBits;
    this.#window = new SlidingWindow(windowBits);
    if (window !== null) this.#window.append(window, 0, window.length);
    this.#meter = new InflateMeter(maxPayload);
  }

  async run(): Promise<Inflated | Violation> {
    let at = 0;
    // zlib stops at a final block, but the message may go on (section 7.2.1 allows BFINAL).
    while (at < this.#payloadLength) {
      at += await this.#inflateFrom(at);
      if (this.#violation !== null) return this.#violation;
      this.#violation = at < this.#payloadLength ? this.#meter.countRestart() : null;
    }
    if (this.#violation !== null) return this.#violation;
    if (!this.#endsWell(at)) return DeflateViolations.DEFLATE_CORRUPT;
    return { message: Buffer.concat(this.#chunks), window: this.#window.snapshot() };
  }

  /** Whether the stream ended with the payload, with the tail behind it, or with the final block behind that. */
  #endsWell(at: number): boolean {
    if (at === this.#payloadLength) return true;
    const isBlockEnd =
      at === this.#payloadLength + FLUSH_TAIL_LENGTH || at === this.#input.length - LEFT_OF_TAIL_AND_END;
    return isBlockEnd && this.#produced === this.#producedByPayload;
  }

  /** @returns the number of bytes read until the stream ended */
  #inflateFrom(start: number): Promise<number> {
    const dictionary = this.#window.snapshot();
    const stream = createInflateRaw({
      windowBits: this.#windowBits,
      chunkSize: CHUNK_SIZE,
      finishFlush: constants.Z_SYNC_FLUSH,
      ...(dictionary.length > 0 ? { dictionary } : {}),
    });
    return new Promise((resolve) => {
      stream.on("data", (chunk: Buffer) => this.#onOutput(stream, chunk));
      stream.on("error", () => {
        this.#violation ??= DeflateViolations.DEFLATE_CORRUPT;
      });
      stream.on("end", () => stream.destroy());
      stream.on("close", () => resolve(stream.bytesWritten));
      this.#feed(stream, start);
    });
  }

  #feed(stream: InflateRaw, at: number): void {
    if (stream.destroyed || stream.readableEnded) return;
    if (at >= this.#input.length) {
      stream.end();
      return;
    }
    const isTail = at >= this.#payloadLength;
    const slice = this.#input.subarray(at, isTail ? this.#input.length : Math.min(this.#payloadLength, at + SLICE));
    const before = stream.bytesWritten;
    stream.write(slice, () => {
      if (!isTail) this.#check(stream, this.#meter.count(stream.bytesWritten - before, 0));
      if (at + slice.length === this.#payloadLength) this.#producedByPayload = this.#produced + stream.readableLength;
      this.#feed(stream, at + slice.length);
    });
  }

  #onOutput(stream: InflateRaw, chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#produced += chunk.length;
    this.#window.append(chunk, 0, chunk.length);
    this.#check(stream, this.#meter.count(0, chunk.length));
  }

  #check(stream: InflateRaw, violation: Violation | null): void {
    if (violation === null) return;
    this.#violation ??= violation;
    stream.destroy();
  }
}

/**
 * Inflates a message (RFC 7692 section 7.2.2) in zlib's threads. The caller holds a slot.
 *
 * @param payload must not change until the promise is settled
 * @param window the window of the earlier messages; `null` if it is empty
 * @param windowBits the base-2 logarithm of the peer's window in bytes, 8 to 15
 * @param maxPayload the longest message that is accepted, in bytes
 */
export function inflateInThread(
  payload: Buffer,
  window: Buffer | null,
  windowBits: number,
  maxPayload: number,
): Promise<Inflated | Violation> {
  return new ThreadInflate(payload, window, windowBits, maxPayload).run();
}
