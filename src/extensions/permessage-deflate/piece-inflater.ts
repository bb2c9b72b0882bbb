import { createInflateRaw, type InflateRaw } from "node:zlib";
import type { Violation } from "../../framing/violations.ts";
import type { PieceDecoder } from "../extension.ts";
import { DeflateViolations } from "./deflate-violations.ts";
import { FLUSH_TAIL_LENGTH, LEFT_OF_TAIL_AND_END, TAIL_AND_END } from "./flush-tail.ts";
import { InflateMeter } from "./inflate-meter.ts";
import { SlidingWindow } from "./sliding-window.ts";

/** The most bytes of a piece, and the most compressed bytes that zlib is given at once. */
const CHUNK_SIZE = 65_536;
const SLICE = 16_384;

const NOTHING = Buffer.alloc(0);

/**
 * Inflates one message as its bytes come (RFC 7692 section 7.2.2), in zlib's threads and only as fast as it is read: a
 * short chunk may expand to a thousand times its length.
 */
export class PieceInflater implements PieceDecoder {
  readonly #windowBits: number;
  readonly #window: SlidingWindow;
  readonly #meter: InflateMeter;
  readonly #onEnd: (window: Buffer) => void;
  #stream: InflateRaw | null = null;
  /** Bytes that zlib was not given yet. */
  #input: Buffer = NOTHING;
  /** What zlib works on; `null` for nothing. */
  #slice: Buffer | null = null;
  /** How many bytes the stream had taken before that, and how many were counted. */
  #takenBefore = 0;
  #counted = 0;
  #violation: Violation | null = null;
  #state: "open" | "ending" | "ended" = "open";
  #produced = 0;
  /** What had come out when the payload was through: nothing may come of the bytes behind it. */
  #producedByPayload = 0;
  #hasInput = false;
  #wake: (() => void) | null = null;

  /**
   * @param window what came before, `null` for nothing
   * @param maxPayload the longest message; `Infinity` for no limit
   * @param onEnd called with the window for the next message
   */
  constructor(window: Buffer | null, windowBits: number, maxPayload: number, onEnd: (window: Buffer) => void) {
    this.#windowBits = windowBits;
    this.#window = new SlidingWindow(windowBits);
    if (window !== null) this.#window.append(window, 0, window.length);
    this.#meter = new InflateMeter(maxPayload);
    this.#onEnd = onEnd;
  }

  write(payload: Buffer): void {
    this.#input = Buffer.from(payload);
    this.#hasInput = true;
  }

  end(): void {
    this.#producedByPayload = this.#produced;
    // An empty message is one byte (section 7.2.3.6), but some send none.
    this.#state = this.#hasInput ? "ending" : "ended";
    if (this.#hasInput) this.#input = TAIL_AND_END;
  }

  read(): Uint8Array | Violation | null | Promise<Uint8Array | Violation | null> {
    for (;;) {
      if (this.#violation !== null) return this.#fail(this.#violation);
      const chunk = (this.#stream?.read() ?? null) as Buffer | null;
      if (chunk !== null) return this.#taken(chunk);
      if (this.#slice !== null) return this.#progress().then(() => this.read());
      this.#count();
      if (this.#violation !== null) continue;
      if (this.#input.length === 0) return this.#onInputUsed();
      this.#begin();
    }
  }

  close(): void {
    this.#stream?.destroy();
    this.#stream = null;
  }

  #fail(violation: Violation): Violation {
    this.close();
    return violation;
  }

  #taken(chunk: Buffer): Uint8Array | Violation {
    this.#produced += chunk.length;
    this.#window.append(chunk, 0, chunk.length);
    this.#violation = this.#meter.count(0, chunk.length);
    if (this.#state === "ending") this.#violation ??= DeflateViolations.DEFLATE_CORRUPT;
    return this.#violation === null ? chunk : this.#fail(this.#violation);
  }

  #onInputUsed(): Violation | null {
    // The stream goes on to want more than what ends every message.
    if (this.#state === "ending") return this.#fail(DeflateViolations.DEFLATE_CORRUPT);
    if (this.#state === "ended") this.#onEnd(this.#window.snapshot());
    return null;
  }

  /** Counts what zlib has taken, once everything that came of it was read. */
  #count(): void {
    const taken = this.#stream === null ? this.#takenBefore : this.#stream.bytesWritten;
    if (this.#state === "open" && taken > this.#counted) {
      this.#violation ??= this.#meter.count(taken - this.#counted, 0);
    }
    this.#counted = taken;
  }

  /** Something has come out, or the slice is used. */
  #progress(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #onProgress(): void {
    this.#wake?.();
    this.#wake = null;
  }

  #begin(): void {
    this.#stream ??= this.#open();
    const stream = this.#stream;
    const slice = this.#input.subarray(0, SLICE);
    this.#slice = slice;
    this.#input = this.#input.subarray(SLICE);
    this.#takenBefore = stream.bytesWritten;
    stream.write(slice, () => {
      // Bytes that were not taken lie behind a final block: "end" follows.
      if (stream !== this.#stream || stream.bytesWritten < this.#takenBefore + slice.length) return;
      this.#slice = null;
      this.#onProgress();
    });
  }

  #open(): InflateRaw {
    const dictionary = this.#window.snapshot();
    const stream = createInflateRaw({
      windowBits: this.#windowBits,
      chunkSize: CHUNK_SIZE,
      ...(dictionary.length > 0 ? { dictionary } : {}),
    });
    this.#counted = 0;
    stream.on("readable", () => this.#onProgress());
    stream.on("end", () => this.#onFinalBlock(stream));
    stream.on("error", () => {
      this.#violation ??= DeflateViolations.DEFLATE_CORRUPT;
      this.#slice = null;
      this.#onProgress();
    });
    return stream;
  }

  /** A final block has ended, where zlib stops and a message may go on (section 7.2.1 allows BFINAL). */
  #onFinalBlock(stream: InflateRaw): void {
    if (stream !== this.#stream) return;
    const used = stream.bytesWritten - this.#takenBefore;
    const rest = (this.#slice ?? NOTHING).subarray(used);
    this.#count();
    this.#slice = null;
    this.#stream = null;
    this.#takenBefore = 0;
    this.#counted = 0;
    stream.destroy();
    if (this.#state === "ending") this.#onTailRead(used);
    else this.#goOn(rest);
    this.#onProgress();
  }

  #goOn(rest: Buffer): void {
    this.#input = this.#input.length === 0 ? rest : Buffer.concat([rest, this.#input]);
    if (rest.length > 0) this.#violation ??= this.#meter.countRestart();
  }

  /** Whether the stream ended with the payload, with the tail that makes its last block whole, or with the block behind. */
  #onTailRead(used: number): void {
    const isEnd = used === 0 || used === FLUSH_TAIL_LENGTH || used === TAIL_AND_END.length - LEFT_OF_TAIL_AND_END;
    if (isEnd && this.#produced === this.#producedByPayload) this.#state = "ended";
    else this.#violation ??= DeflateViolations.DEFLATE_CORRUPT;
    this.#input = NOTHING;
  }
}
