import { asBuffer } from "../framing/as-buffer.ts";
import {
  type ControlOpcode,
  copyBytes,
  FIN_BIT,
  headerSize,
  type MessageOpcode,
  nextMaskKey,
  Opcode,
  type Role,
  textFrameRoom,
  writeFrame,
  writeHeader,
  writeTextFrame,
} from "../framing/index.ts";
import { encodeUtf8 } from "../framing/utf8.ts";
import type { Flushable, FlushQueue } from "./flush-queue.ts";
import type { ReadyFrame } from "./ready-frame.ts";
import { Slab, type SlabPool } from "./slab.ts";
import type { Transport } from "./transport.ts";

/** Payloads up to this many bytes are copied behind their header; longer ones are handed to the transport as they are. */
export const COPIED_TO = 16_384;
/** Up to this many bytes the pieces of a write are copied together. */
const GATHERED_TO = 16_384;
/** From this many waiting bytes on a flush does not wait for the end of the tick. */
const FLUSH_FROM = 65_536;
/** While the transport is stuck frames gather in blocks of an outbox's own, at least this long. */
const SMALLEST_BLOCK = 1024;

/** What an outbox shares with the others of a server. */
export interface OutboxShared {
  readonly slabs: SlabPool;
  readonly flushes: FlushQueue;
}

/** Told when everything has left after `wantDrain` was set. */
export interface OutboxListener {
  onOutboxDrained(): void;
}

/**
 * The way out of a connection: frames are laid into a slab that all connections share, and go to the transport in
 * one write for all that was sent in one turn of the event loop.
 *
 * While the transport is stuck, nothing is written to it and frames gather in memory of this outbox alone.
 */
export class Outbox implements Flushable {
  readonly #transport: Transport;
  readonly #shared: OutboxShared;
  readonly #listener: OutboxListener;
  readonly #masked: boolean;

  /** The region that is being filled, if there is one. */
  #slab: Slab | null = null;
  #start = 0;
  #end = 0;
  /** What comes before the region, and the slabs that hold it. */
  #pieces: Buffer[] | null = null;
  #pieceSlabs: Slab[] | null = null;
  /** Bytes that the transport has not been given. */
  #pending = 0;

  #stuck = false;
  #corked = false;
  #queued = false;
  #ending = false;
  #ended = false;
  #closed = false;
  #waitingPong: Buffer | null = null;

  /** Set by the owner who wants `onOutboxDrained` once nothing waits. */
  wantDrain = false;

  constructor(transport: Transport, role: Role, shared: OutboxShared, listener: OutboxListener) {
    this.#transport = transport;
    this.#shared = shared;
    this.#listener = listener;
    // RFC 6455 section 5.1: a client masks all its frames, a server none.
    this.#masked = role === "client";
  }

  /** Bytes that were accepted and have not left this process. */
  get bufferedAmount(): number {
    return this.#stuck ? this.#pending + this.#transport.pendingBytes : this.#pending;
  }

  /** Adds a text message in one frame. */
  addText(text: string): void {
    if (this.#closed) return;
    if (text.length > COPIED_TO) {
      this.#addLong(FIN_BIT | Opcode.Text, encodeUtf8(text));
      return;
    }
    const slab = this.#reserve(textFrameRoom(text, this.#masked));
    this.#advance(slab, writeTextFrame(slab.bytes, this.#end, FIN_BIT | Opcode.Text, text, this.#nextKey()));
  }

  /**
   * Adds a message of bytes in one frame. Bytes that are not copied must not change until they are sent.
   *
   * @param rsv the reserved bits, as they stand in the header's first byte
   */
  addBytes(opcode: MessageOpcode, payload: Uint8Array, rsv = 0): void {
    if (this.#closed) return;
    this.#addMessage(FIN_BIT | rsv | opcode, payload);
  }

  /** Adds a frame that others send as well. */
  addFrame({ first, bytes, payload }: ReadyFrame): void {
    if (this.#closed) return;
    // RFC 6455 section 5.3: a client needs a fresh key for each frame, so that its bytes are nobody else's.
    if (this.#masked) this.#addMessage(first, payload);
    else this.#addPiece(bytes);
  }

  /** Adds a control frame; RFC 7692 section 6.1: it "MUST NOT" have a bit of an extension set. */
  addControl(opcode: ControlOpcode, payload: Uint8Array): void {
    if (this.#closed) return;
    // A ping that came before is still answered, but not behind the farewell.
    if (opcode === Opcode.Close) this.#addWaitingPong();
    this.#addShort(FIN_BIT | opcode, payload);
  }

  /**
   * Answers a ping. While the transport is stuck only the latest answer waits, so that a flood of pings from a peer
   * that does not read fills nothing (RFC 6455 section 5.5.3 allows to answer only the most recent).
   */
  addPong(payload: Buffer): void {
    if (this.#stuck) this.#waitingPong = Buffer.from(payload);
    else this.addControl(Opcode.Pong, payload);
  }

  /** Holds flushes back until `uncork`: what is sent while a chunk is read leaves in one write. */
  cork(): void {
    this.#corked = true;
  }

  uncork(): void {
    this.#corked = false;
    if (this.#pending > 0) this.flush();
  }

  flush(): void {
    this.#queued = false;
    if (this.#stuck || this.#closed) return;
    if (this.#pending > 0) this.#write();
    if (!this.#stuck) this.#afterDrain();
  }

  /** The transport has sent what it had. */
  onTransportDrain(): void {
    this.#stuck = false;
    this.#addWaitingPong();
    this.flush();
  }

  /** Ends our side of the transport after everything that was added. */
  end(): void {
    if (this.#ended) return;
    this.#ending = true;
    this.#waitingPong = null;
    this.flush();
  }

  /** Gives up what waits and takes nothing more. */
  discard(): void {
    this.#closed = true;
    this.#releaseAll(true);
    this.#pending = 0;
    this.#waitingPong = null;
  }

  #addWaitingPong(): void {
    const pong = this.#waitingPong;
    if (pong === null) return;
    this.#waitingPong = null;
    this.#addShort(FIN_BIT | Opcode.Pong, pong);
  }

  #nextKey(): number | null {
    return this.#masked ? nextMaskKey() : null;
  }

  #addMessage(first: number, payload: Uint8Array): void {
    if (payload.length > COPIED_TO) this.#addLong(first, payload);
    else this.#addShort(first, payload);
  }

  #addShort(first: number, payload: Uint8Array): void {
    const slab = this.#reserve(payload.length + headerSize(payload.length, this.#masked));
    this.#advance(slab, writeFrame(slab.bytes, this.#end, first, payload, this.#nextKey()));
  }

  #addLong(first: number, payload: Uint8Array): void {
    const header = headerSize(payload.length, this.#masked);
    if (this.#masked) {
      // Masking writes, and the caller's bytes are not ours to change.
      this.#sealRegion();
      const own = this.#openRegion(new Slab(header + payload.length));
      this.#advance(own, writeFrame(own.bytes, 0, first, payload, this.#nextKey()));
      return;
    }
    const slab = this.#reserve(header);
    const headerEnd = writeHeader(slab.bytes, this.#end, first, payload.length, null);
    this.#extendRegion(slab, headerEnd);
    this.#addPiece(asBuffer(payload));
  }

  /** Bytes that go to the transport as they are: they must not change until they are sent. */
  #addPiece(bytes: Buffer): void {
    this.#sealRegion();
    this.#pieces ??= [];
    this.#pieces.push(bytes);
    this.#pending += bytes.length;
    this.#flushInTime();
  }

  /** Makes sure that `room` bytes are free behind the region. */
  #reserve(room: number): Slab {
    const slab = this.#slab;
    if (slab !== null) {
      // Another connection may have written behind our region: then it cannot grow any more.
      if (slab.used === this.#end && slab.bytes.length - slab.used >= room) return slab;
      this.#sealRegion();
    }
    if (!this.#stuck) return this.#openRegion(this.#shared.slabs.take(room));
    const block = Math.min(COPIED_TO, Math.max(SMALLEST_BLOCK, this.#pending));
    return this.#openRegion(new Slab(Math.max(room, block)));
  }

  #openRegion(slab: Slab): Slab {
    slab.hold();
    this.#slab = slab;
    this.#start = slab.used;
    this.#end = slab.used;
    return slab;
  }

  #extendRegion(slab: Slab, end: number): void {
    this.#pending += end - this.#end;
    this.#end = end;
    slab.used = end;
  }

  #advance(slab: Slab, end: number): void {
    this.#extendRegion(slab, end);
    this.#flushInTime();
  }

  /** Now when much waits, otherwise at the end of the chunk that is read or of the tick. */
  #flushInTime(): void {
    if (this.#stuck) return;
    if (this.#pending >= FLUSH_FROM) {
      this.flush();
    } else if (!this.#corked && !this.#queued) {
      this.#queued = true;
      this.#shared.flushes.add(this);
    }
  }

  #sealRegion(): void {
    const slab = this.#slab;
    if (slab === null) return;
    this.#pieces ??= [];
    this.#pieceSlabs ??= [];
    this.#pieces.push(slab.bytes.subarray(this.#start, this.#end));
    this.#pieceSlabs.push(slab);
    this.#slab = null;
  }

  #write(): void {
    if (this.#pieces !== null) this.#gatherShortPieces(this.#pieces);
    this.#pending = 0;
    let reusable = false;
    try {
      reusable = this.#writeOut();
    } finally {
      // A transport of the application's own may throw: it is not given the same bytes again.
      this.#releaseAll(reusable);
    }
    this.#stuck = this.#transport.pendingBytes > 0;
  }

  /** Several short pieces cost more to write as they are than to be copied together. */
  #gatherShortPieces(pieces: readonly Buffer[]): void {
    const isSingle = pieces.length === 1 && this.#slab === null;
    if (isSingle || this.#pending > GATHERED_TO) return;
    this.#sealRegion();
    // Held before the pieces are released: one of them may lie in the same slab.
    const slab = this.#openRegion(this.#shared.slabs.take(this.#pending));
    for (const piece of pieces) {
      copyBytes(piece, 0, piece.length, slab.bytes, this.#end);
      this.#end += piece.length;
    }
    slab.used = this.#end;
    this.#releasePieces(true);
  }

  /** @returns whether the memory that was written may be used again */
  #writeOut(): boolean {
    if (this.#pieces === null) {
      const slab = this.#slab as Slab;
      return this.#transport.write(slab.bytes.subarray(this.#start, this.#end));
    }
    this.#sealRegion();
    const pieces = this.#pieces;
    return pieces.length === 1 ? this.#transport.write(pieces[0] as Buffer) : this.#transport.writeAll(pieces);
  }

  #releaseAll(reusable: boolean): void {
    this.#slab?.release(reusable);
    this.#slab = null;
    this.#releasePieces(reusable);
  }

  #releasePieces(reusable: boolean): void {
    if (this.#pieceSlabs !== null) {
      for (const slab of this.#pieceSlabs) slab.release(reusable);
    }
    this.#pieces = null;
    this.#pieceSlabs = null;
  }

  #afterDrain(): void {
    if (this.#ending) {
      this.#ending = false;
      this.#ended = true;
      this.#transport.end();
    }
    if (!this.wantDrain) return;
    this.wantDrain = false;
    this.#listener.onOutboxDrained();
  }
}
