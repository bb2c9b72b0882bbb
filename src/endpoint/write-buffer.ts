import { copyBytes, maskInPlace } from "../framing/index.ts";
import { SLAB_SIZE, Slab, type SlabPool } from "./slab.ts";
import type { Transport, WriteOutcome } from "./transport.ts";

/** Up to this many bytes, several pieces are copied into one: that costs less than writing them one by one. */
const GATHERED_TO = 16_384;
/**
 * The most bytes that a transport is given in one write: enough for 1 MiB and its header. Many short writes cost
 * the system more, and a TLS socket encrypts all of a long one at once.
 */
const WRITE_LIMIT = 9 * SLAB_SIZE;
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

/**
 * The bytes of a connection that wait to be written, in the memory into which their frames were written: a region at
 * the end that can still grow, and the pieces before it.
 */
export class WriteBuffer {
  readonly #slabs: SlabPool;
  #slab: Slab | null = null;
  #start = 0;
  #end = 0;
  #pieces: Piece[] | null = null;
  /** The slabs that the transport still reads. */
  #held: Slab[] | null = null;
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

  /** Bytes that were handed to the transport since the buffer was new, or `restart()`. */
  get handedOver(): number {
    return this.#handedOver;
  }

  /** Prepares an empty buffer for another connection. @returns `handedOver` until now */
  restart(): number {
    const handedOver = this.#handedOver;
    this.#handedOver = 0;
    return handedOver;
  }

  /** Where the region ends, in its slab. */
  get end(): number {
    return this.#end;
  }

  /**
   * Ensures that `room` bytes are free behind the region.
   *
   * @param alone whether the bytes will wait for long: then they get memory that no other connection uses
   */
  reserve(room: number, alone: boolean): Slab {
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
   * Copies bytes behind the region, into as many slabs as they need.
   *
   * @param key masks the copy, unless it is `null`
   * @param alone as for `reserve`
   */
  copy(bytes: Uint8Array, key: number | null, alone: boolean): void {
    let rotated = key;
    for (let from = 0; from < bytes.length; ) {
      const slab = this.#someRoom(bytes.length - from, alone);
      const at = this.#end;
      const to = Math.min(bytes.length, from + slab.bytes.length - at);
      const end = at + to - from;
      copyBytes(bytes, from, to, slab.bytes, at);
      if (rotated !== null) rotated = maskInPlace(slab.bytes, at, end, rotated);
      this.grow(slab, end);
      from = to;
    }
  }

  /** Adds bytes without a copy. They must not change any more. */
  add(bytes: Buffer): void {
    this.#seal();
    this.#size += bytes.length;
    this.#push(bytes, null);
  }

  /** Writes the first waiting bytes to the transport, a limited number in one write. At least one must wait. */
  write(transport: Transport): WriteOutcome {
    if (this.#pieces !== null) return this.#writePieces(transport, this.#pieces);
    const slab = this.#slab as Slab;
    if (this.#end - this.#start <= WRITE_LIMIT) return this.#writeRegion(transport, slab);
    return this.#writePieces(transport, this.#seal());
  }

  /** The transport has read everything that it was given. */
  onDrain(): void {
    const held = this.#held;
    this.#held = null;
    if (held !== null) for (const slab of held) this.#release(slab, true);
  }

  /** Drops the waiting bytes. The transport may go on reading what it was given. */
  clear(): void {
    this.#seal();
    // Only a piece without a slab is longer than a write, so none of these slabs is being read.
    for (const { slab } of this.#pieces ?? []) this.#release(slab, true);
    for (const slab of this.#held ?? []) this.#release(slab, false);
    this.#held = null;
    this.#pieces = null;
    this.#written = 0;
    this.#size = 0;
  }

  /** Memory that no other connection uses: bytes that wait for long would keep a shared slab from being reused. */
  #newBlock(room: number): Slab {
    return new Slab(Math.max(room, Math.min(LARGE_BLOCK, Math.max(SMALLEST_BLOCK, this.#size))));
  }

  /** A slab with some room behind the region, or a new one with room for all of `length` or as much as fits. */
  #someRoom(length: number, alone: boolean): Slab {
    const slab = this.#slab;
    if (slab !== null && slab.used === this.#end && slab.used < slab.bytes.length) return slab;
    this.#seal();
    return this.#open(alone && length < SLAB_SIZE ? this.#newBlock(length) : this.#slabs.takeWhole());
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
      this.#letGo(slab, outcome);
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
      for (const { slab } of done) this.#letGo(slab, outcome);
    }
  }

  /** Copies all waiting bytes into one region. */
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

  #letGo(slab: Slab | null, outcome: WriteOutcome): void {
    if (outcome !== "held" || slab === null) {
      this.#release(slab, true);
    } else {
      this.#held ??= [];
      this.#held.push(slab);
    }
  }

  #release(slab: Slab | null, reusable: boolean): void {
    if (slab?.release(reusable) === true) this.#slabs.giveBack(slab);
  }
}
