import { asBuffer } from "../framing/byte-views.ts";
import {
  type ControlOpcode,
  FIN_BIT,
  headerSize,
  type MessageOpcode,
  nextMaskKey,
  Opcode,
  textFrameRoom,
  writeFrame,
  writeHeader,
  writeTextFrame,
} from "../framing/index.ts";
import { encodeUtf8 } from "../framing/utf8.ts";
import type { Flushable, FlushQueue } from "./flush-queue.ts";
import type { ReadyFrame } from "./ready-frame.ts";
import type { Transport } from "./transport.ts";
import type { WriteBuffer } from "./write-buffer.ts";
import type { WriteBufferPool } from "./write-buffer-pool.ts";

/** Up to this many characters of a text, or bytes of our own memory, are copied behind their header. */
const LAID_TO = 16_384;
/** The application's bytes up to this length are copied into one slab. */
const IN_ONE_SLAB = 65_536;
/** From this many waiting bytes on a flush does not wait for the end of the tick. */
const FLUSH_FROM = 65_536;

/** The memory for outgoing frames, and the flushes at the end of a tick. All endpoints of a process may share them. */
export interface OutputResources {
  readonly buffers: WriteBufferPool;
  readonly flushes: FlushQueue;
}

/** What the outputs of a group share. */
export interface OutputShared extends OutputResources {
  /** Whether frames are masked (RFC 6455 section 5.1: a client masks all its frames, a server none). */
  readonly masks: boolean;
}

/** When the waiting bytes are written to the transport. */
type Flow =
  /** No bytes wait. */
  | "idle"
  /** At the end of the tick. */
  | "queued"
  /** When the current chunk has been read. */
  | "corked"
  /** Now. */
  | "writing"
  /** When the transport has drained. */
  | "stuck";

/** The state of our side of the transport. */
type Phase =
  | "open"
  /** A Close frame was added: RFC 6455 section 5.5.1, "MUST NOT send any more data frames after sending a Close frame". */
  | "closing"
  /** It is ended when no bytes wait any more. */
  | "ending"
  | "ended"
  /** Nothing is written any more: the connection is gone, or its transport has failed. */
  | "discarded";

/**
 * Lays frames into memory that all endpoints share, and writes them to the transport: in one write for everything that
 * was added in one turn of the event loop.
 *
 * While the transport is stuck, nothing is written to it, and frames are collected in memory of this endpoint alone.
 */
export abstract class FrameOutput implements Flushable {
  readonly #transport: Transport;
  readonly #shared: OutputShared;
  /** `null` while no bytes wait. */
  #buffer: WriteBuffer | null = null;
  /** Bytes that were handed to the transport by earlier buffers. */
  #handedOverBefore = 0;
  #flow: Flow = "idle";
  #phase: Phase = "open";
  #waitingPong: Buffer | null = null;
  /** The value of `left` at which the tracked ping has left; 0 once it has. */
  #trackedEnd = 0;

  constructor(transport: Transport, shared: OutputShared) {
    this.#transport = transport;
    this.#shared = shared;
  }

  /** Everything that was added has left this process. May be called within the call that added it. */
  protected abstract onAllWritten(): void;

  /** The ping of `addTrackedPing` has left this process. */
  protected abstract onPingLeft(): void;

  /** Bytes of frames that have not left this process. */
  get framedAmount(): number {
    const size = this.#buffer?.size ?? 0;
    return this.#flow === "stuck" ? size + this.#transport.pendingBytes : size;
  }

  /** Whether data frames may still be added. */
  get acceptsMessages(): boolean {
    return this.#phase === "open";
  }

  /** Whether it accepts no more frames. */
  get isDiscarded(): boolean {
    return this.#phase === "discarded";
  }

  /** Bytes of frames that have ever been added. */
  get added(): number {
    return this.#handedOver + (this.#buffer?.size ?? 0);
  }

  /** Bytes that have ever left this process. */
  get left(): number {
    const handedOver = this.#handedOver;
    return this.#flow === "stuck" ? handedOver - this.#transport.pendingBytes : handedOver;
  }

  /** Adds a text message in one frame. */
  addText(text: string): void {
    if (this.#phase !== "open") return;
    if (text.length > LAID_TO) {
      this.#addOwnLong(FIN_BIT | Opcode.Text, encodeUtf8(text));
      return;
    }
    const buffer = this.#filled;
    const slab = buffer.reserve(textFrameRoom(text, this.#shared.masks), this.#flow === "stuck");
    buffer.grow(slab, writeTextFrame(slab.bytes, buffer.end, FIN_BIT | Opcode.Text, text, this.#nextKey()));
    this.#flushInTime();
  }

  /** Adds a message in one frame. The bytes are copied. */
  addBytes(opcode: MessageOpcode, payload: Uint8Array): void {
    if (this.#phase !== "open") return;
    if (payload.length > IN_ONE_SLAB) this.#copyLong(FIN_BIT | opcode, payload);
    else this.#addShort(FIN_BIT | opcode, payload);
  }

  /**
   * Adds a message in one frame. Its bytes must not change any more.
   *
   * @param rsv the reserved bits, as in the header's first byte
   */
  addOwnBytes(opcode: MessageOpcode, payload: Uint8Array, rsv: number): void {
    if (this.#phase !== "open") return;
    this.#addOwn(FIN_BIT | rsv | opcode, payload);
  }

  /** Adds one frame of a message. The bytes are copied. @param first FIN, RSV1-3 and the opcode */
  addFragment(first: number, payload: Uint8Array): void {
    if (this.#phase !== "open") return;
    if (payload.length > IN_ONE_SLAB) this.#copyLong(first, payload);
    else this.#addShort(first, payload);
  }

  /** Adds a frame that other endpoints send as well. */
  addFrame({ first, bytes, payload }: ReadyFrame): void {
    if (this.#phase !== "open") return;
    // RFC 6455 section 5.3: a client needs a fresh key for each frame, so no other frame has the same bytes.
    if (this.#shared.masks) {
      this.#addOwn(first, payload);
    } else {
      this.#filled.add(bytes);
      this.#flushInTime();
    }
  }

  /** Adds a control frame; RFC 7692 section 6.1: it "MUST NOT" have a bit of an extension set. */
  addControl(opcode: ControlOpcode, payload: Uint8Array): void {
    if (this.#phase === "discarded") return;
    // A ping that came before is still answered, but not behind the Close frame.
    if (opcode === Opcode.Close) this.#addWaitingPong();
    this.#addShort(FIN_BIT | opcode, payload);
    if (opcode === Opcode.Close && this.#phase === "open") this.#phase = "closing";
  }

  /**
   * Answers a ping. While the transport is stuck only the latest answer waits, so that a flood of pings from a peer
   * that does not read fills nothing (RFC 6455 section 5.5.3 allows to answer only the most recent).
   */
  addPong(payload: Buffer): void {
    if (this.#flow === "stuck") this.#waitingPong = Buffer.from(payload);
    else this.addControl(Opcode.Pong, payload);
  }

  /** Adds a ping and reports when it has left this process. One is tracked at a time. */
  addTrackedPing(payload: Uint8Array): void {
    if (this.#phase === "discarded") return;
    const size = headerSize(payload.length, this.#shared.masks) + payload.length;
    this.#trackedEnd = this.#handedOver + (this.#buffer?.size ?? 0) + size;
    this.#addShort(FIN_BIT | Opcode.Ping, payload);
  }

  /** Holds flushes back until `uncork`: frames that are added while a chunk is read leave in one write. */
  cork(): void {
    if (this.#flow === "idle" || this.#flow === "queued") this.#flow = "corked";
  }

  uncork(): void {
    if (this.#flow !== "corked") return;
    this.#flow = "idle";
    if (this.#buffer !== null) this.flush();
  }

  /** Writes the waiting bytes to the transport until it is stuck. */
  flush(): void {
    const flow = this.#flow;
    if (flow === "stuck" || flow === "writing" || this.#phase === "discarded") return;
    this.#flow = "writing";
    try {
      this.#write();
    } finally {
      if (this.#flow === "writing") this.#flow = flow === "corked" ? "corked" : "idle";
    }
    this.#afterWrite();
  }

  /** The transport has sent everything that it was given. */
  onTransportDrain(): void {
    if (this.#flow !== "stuck") return;
    this.#flow = "idle";
    this.#buffer?.onDrain();
    this.#addWaitingPong();
    this.flush();
  }

  /** Ends our side of the transport after everything that was added. */
  end(): void {
    if (this.#phase !== "open" && this.#phase !== "closing") return;
    this.#phase = "ending";
    this.#waitingPong = null;
    this.flush();
  }

  /** Drops everything that waits, and accepts no more frames. */
  discard(): void {
    this.#phase = "discarded";
    this.#flow = "idle";
    this.#waitingPong = null;
    if (this.#buffer === null) return;
    this.#buffer.clear();
    this.#handedOverBefore = this.#handedOver;
    this.#buffer = null;
  }

  get #handedOver(): number {
    return this.#handedOverBefore + (this.#buffer?.handedOver ?? 0);
  }

  get #filled(): WriteBuffer {
    this.#buffer ??= this.#shared.buffers.take();
    return this.#buffer;
  }

  #addWaitingPong(): void {
    const pong = this.#waitingPong;
    if (pong === null) return;
    this.#waitingPong = null;
    this.#addShort(FIN_BIT | Opcode.Pong, pong);
  }

  #nextKey(): number | null {
    return this.#shared.masks ? nextMaskKey() : null;
  }

  #addShort(first: number, payload: Uint8Array): void {
    const buffer = this.#filled;
    const slab = buffer.reserve(
      payload.length + headerSize(payload.length, this.#shared.masks),
      this.#flow === "stuck",
    );
    buffer.grow(slab, writeFrame(slab.bytes, buffer.end, first, payload, this.#nextKey()));
    this.#flushInTime();
  }

  #addOwn(first: number, payload: Uint8Array): void {
    if (payload.length > LAID_TO) this.#addOwnLong(first, payload);
    else this.#addShort(first, payload);
  }

  #addOwnLong(first: number, payload: Uint8Array): void {
    // Masking changes the bytes, and other endpoints may send the same ones.
    if (this.#shared.masks) {
      this.#copyLong(first, payload);
      return;
    }
    const buffer = this.#filled;
    const slab = buffer.reserve(headerSize(payload.length, false), this.#flow === "stuck");
    buffer.grow(slab, writeHeader(slab.bytes, buffer.end, first, payload.length, null));
    buffer.add(asBuffer(payload));
    this.#flushInTime();
  }

  #copyLong(first: number, payload: Uint8Array): void {
    const buffer = this.#filled;
    const stuck = this.#flow === "stuck";
    const key = this.#nextKey();
    const slab = buffer.reserve(headerSize(payload.length, this.#shared.masks), stuck);
    buffer.grow(slab, writeHeader(slab.bytes, buffer.end, first, payload.length, key));
    buffer.copy(payload, key, stuck);
    this.#flushInTime();
  }

  /** Flushes at once if much waits, otherwise at the end of the chunk that is being read or of the tick. */
  #flushInTime(): void {
    if (this.#flow === "stuck") return;
    if (this.framedAmount >= FLUSH_FROM) {
      this.flush();
    } else if (this.#flow === "idle") {
      this.#flow = "queued";
      this.#shared.flushes.add(this);
    }
  }

  #write(): void {
    const buffer = this.#buffer;
    while (buffer !== null && buffer.size > 0) {
      const outcome = buffer.write(this.#transport);
      if (outcome === "lost") {
        this.discard();
      } else if (outcome !== "sent") {
        this.#flow = "stuck";
        return;
      }
    }
  }

  #afterWrite(): void {
    if (this.#trackedEnd > 0) this.#noteTrackedPing();
    if (this.#flow === "stuck" || this.#phase === "discarded") return;
    this.#giveBackBuffer();
    if (this.#phase === "ending") {
      this.#phase = "ended";
      this.#transport.end();
    }
    this.onAllWritten();
  }

  #giveBackBuffer(): void {
    const buffer = this.#buffer;
    if (buffer === null || buffer.size > 0) return;
    this.#handedOverBefore += buffer.restart();
    this.#shared.buffers.giveBack(buffer);
    this.#buffer = null;
  }

  #noteTrackedPing(): void {
    if (this.left < this.#trackedEnd) return;
    this.#trackedEnd = 0;
    this.onPingLeft();
  }
}
