import { copyBytes, maskInPlace } from "../framing/index.ts";
import { SLAB_SIZE, Slab, type SlabPool } from "./slab.ts";
import type { Transport, WriteOutcome } from "./transport.ts";

/** Up to this many bytes, several pieces are copied into one: that costs less than writing them one by one. */
const GATHERED_TO = 16_384;
/**
 * The most bytes that are handed to a transport in one write. Only between writes is it known how much the peer has
 * taken, and a TLS socket encrypts all of a write at once.
 */
const WRITE_LIMIT = SLAB_SIZE;
/** A block for one connection alone has at least this many bytes, */
const SMALLEST_BLOCK = 1024;
/** and this many once as much waits. */
const LARGE_BLOCK = 16_384;

/** A part of the waiting bytes. */
interface Piece {
  readonly bytes: Buffer;
  /** The slab that `bytes` lie in; `null` for memory that is not reused. */
  readonly slab: Slab | null;
}

/** The application's bytes that are not copied yet. */
interface Borrowed {
  readonly bytes: Uint8Array;
  readonly length: number;
  /** The start of the part that is not copied yet, and the key that masks it. */
  from: number;
  key: number | null;
}

/**
 * The bytes of a connection that wait to be written: pieces, then a region that can still grow, then bytes that are
 * borrowed for as long as one call lasts.
 */
export class WriteBuffer {
  readonly #slabs: SlabPool;
  #slab: Slab | null = null;
  #start = 0;
  #end = 0;
  #pieces: Piece[] | null = null;
  #borrowed: Borrowed | null = null;
  /** How much of the first piece was written. */
  #written = 0;
  #size = 0;
  #handedOver = 0;

  constructor(slabs: SlabPool) {
    this.#slabs = slabs;
  }

  /** How many bytes wait. */
  get size(): number {
    return this.#size;
  }

  /** Bytes that were handed to the transport, ever. */
  get handedOver(): number {
    return this.#handedOver;
  }

  /** Where the region ends, in its slab. */
  get end(): number {
    return this.#end;
  }

  /**
   * Makes sure that `room` bytes are free behind the region.
   *
   * @param alone whether the bytes will wait for long: then they lie in memory that no other connection uses
   */
  reserve(room: number, alone: boolean): Slab {
    if (this.#borrowed !== null) this.own();
    const slab = this.#slab;
    if (slab !== null) {
      // Another connection may have written behind our region: then it cannot grow any more.
      if (slab.used === this.#end && slab.bytes.length - slab.used >= room) return slab;
      this.#seal();
    }
    return this.#open(alone ? this.#newBlock(room) : this.#slabs.take(room));
  }

  /** The region now ends at `end`. */
  grow(slab: Slab, end: number): void {
    this.#size += end - this.#end;
    this.#end = end;
    slab.used = end;
  }

  /**
   * Adds bytes that are copied part by part when they are written. `own` must be called before control returns to their
   * owner.
   *
   * @param key masks the copy, unless it is `null`
   */
  borrow(bytes: Uint8Array, key: number | null): void {
    this.#borrowed = { bytes, length: bytes.length, from: 0, key };
    this.#size += bytes.length;
  }

  /** Copies what is left of the borrowed bytes. */
  own(): void {
    while (this.#borrowed !== null) {
      const { length, from } = this.#borrowed;
      const rest = length - from;
      this.#copyBorrowed(this.#borrowed, rest < SLAB_SIZE ? () => this.#newBlock(rest) : () => this.#slabs.takeWhole());
    }
  }

  /** Adds bytes without a copy. They must not change any more. */
  add(bytes: Buffer): void {
    if (this.#borrowed !== null) this.own();
    this.#seal();
    this.#size += bytes.length;
    this.#push(bytes, null);
  }

  /** Hands the first bytes to the transport, a limited number of them in one write. At least one must wait. */
  write(transport: Transport): WriteOutcome {
    if (this.#borrowed !== null && this.#pieces === null) {
      this.#copyBorrowed(this.#borrowed, () => this.#slabs.take(SLAB_SIZE));
    }
    if (this.#pieces !== null) return this.#writePieces(transport, this.#pieces);
    const slab = this.#slab as Slab;
    if (this.#end - this.#start <= WRITE_LIMIT) return this.#writeRegion(transport, slab);
    return this.#writePieces(transport, this.#seal());
  }

  /** Drops the waiting bytes. */
  clear(): void {
    this.#seal();
    for (const [index, { slab }] of (this.#pieces ?? []).entries()) {
      // The transport may still read the part that it was given.
      this.#release(slab, index > 0 || this.#written === 0);
    }
    this.#pieces = null;
    this.#borrowed = null;
    this.#written = 0;
    this.#size = 0;
  }

  /** Memory that no other connection uses: bytes that wait for long would keep a shared slab from being reused. */
  #newBlock(room: number): Slab {
    return new Slab(Math.max(room, Math.min(LARGE_BLOCK, Math.max(SMALLEST_BLOCK, this.#size))));
  }

  /**
   * Copies as much as there is room for in one slab.
   *
   * @param next makes another slab where there is no room behind the region
   */
  #copyBorrowed(borrowed: Borrowed, next: () => Slab): void {
    const slab = this.#slab;
    const hasRoom = slab !== null && slab.used === this.#end && slab.used < slab.bytes.length;
    if (!hasRoom) this.#seal();
    this.#copyInto(hasRoom ? slab : this.#open(next()), borrowed);
    if (borrowed.from === borrowed.length) this.#borrowed = null;
  }

  #copyInto(slab: Slab, borrowed: Borrowed): void {
    const { bytes, length, from } = borrowed;
    const at = this.#end;
    const to = Math.min(length, from + slab.bytes.length - at);
    const end = at + to - from;
    // A write may run code of the application, and that may have taken the memory away.
    const until = Math.max(from, Math.min(to, bytes.length));
    if (until > from) copyBytes(bytes, from, until, slab.bytes, at);
    if (until < to) slab.bytes.fill(0, at + until - from, end);
    if (borrowed.key !== null) borrowed.key = maskInPlace(slab.bytes, at, end, borrowed.key);
    borrowed.from = to;
    this.#end = end;
    slab.used = end;
  }

  #open(slab: Slab): Slab {
    slab.hold();
    this.#slab = slab;
    this.#start = slab.used;
    this.#end = slab.used;
    return slab;
  }

  /** Makes a piece of the region. */
  #seal(): Piece[] {
    const slab = this.#slab;
    this.#slab = null;
    if (slab === null) return this.#pieces ?? [];
    if (this.#end > this.#start) return this.#push(slab.bytes.subarray(this.#start, this.#end), slab);
    this.#release(slab, true);
    return this.#pieces ?? [];
  }

  #push(bytes: Buffer, slab: Slab | null): Piece[] {
    this.#pieces ??= [];
    this.#pieces.push({ bytes, slab });
    return this.#pieces;
  }

  #writeRegion(transport: Transport, slab: Slab): WriteOutcome {
    const bytes = slab.bytes.subarray(this.#start, this.#end);
    // Before the write, which may run code that adds more.
    this.#slab = null;
    this.#handOver(bytes.length);
    let outcome: WriteOutcome = "held";
    try {
      outcome = transport.write(bytes);
      return outcome;
    } finally {
      this.#release(slab, outcome !== "held");
    }
  }

  #writePieces(transport: Transport, pieces: Piece[]): WriteOutcome {
    if (this.#size <= GATHERED_TO && (pieces.length > 1 || this.#slab !== null)) {
      return this.#writeRegion(transport, this.#gather());
    }
    this.#seal();
    const slices: Buffer[] = [];
    const done = this.#takeSlices(pieces, slices);
    let outcome: WriteOutcome = "held";
    try {
      outcome = slices.length === 1 ? transport.write(slices[0] as Buffer) : transport.writeAll(slices);
      return outcome;
    } finally {
      for (const { slab } of done) this.#release(slab, outcome !== "held");
    }
  }

  /** Copies all that waits into one region. */
  #gather(): Slab {
    const pieces = this.#seal();
    const written = this.#written;
    // Held before the pieces are released: one of them may lie in the same slab.
    const slab = this.#open(this.#slabs.take(this.#size));
    for (const [index, { bytes, slab: from }] of pieces.entries()) {
      const start = index === 0 ? written : 0;
      copyBytes(bytes, start, bytes.length, slab.bytes, this.#end);
      this.#end += bytes.length - start;
      this.#release(from, true);
    }
    slab.used = this.#end;
    this.#pieces = null;
    this.#written = 0;
    return slab;
  }

  /**
   * Takes the pieces of one write: whole ones, or a part of one that is longer than the limit.
   *
   * @returns the pieces that end with it
   */
  #takeSlices(pieces: Piece[], slices: Buffer[]): readonly Piece[] {
    let room = WRITE_LIMIT;
    let count = 0;
    for (; count < pieces.length; count++) {
      const { bytes } = pieces[count] as Piece;
      const rest = this.#written === 0 ? bytes : bytes.subarray(this.#written);
      if (rest.length > room) {
        if (count === 0) this.#takePart(rest, slices);
        break;
      }
      slices.push(rest);
      room -= rest.length;
      this.#handOver(rest.length);
      this.#written = 0;
    }
    const done = pieces.splice(0, count);
    if (pieces.length === 0) this.#pieces = null;
    return done;
  }

  #takePart(rest: Buffer, slices: Buffer[]): void {
    slices.push(rest.subarray(0, WRITE_LIMIT));
    this.#written += WRITE_LIMIT;
    this.#handOver(WRITE_LIMIT);
  }

  #handOver(length: number): void {
    this.#size -= length;
    this.#handedOver += length;
  }

  #release(slab: Slab | null, reusable: boolean): void {
    if (slab?.release(reusable) === true) this.#slabs.giveBack(slab);
  }
}
