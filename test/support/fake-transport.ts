import type { Transport, TransportListener, WriteOutcome } from "../../src/endpoint/transport.ts";

export interface FakeTransportOptions {
  /**
   * The use of written memory. A "copied" transport does not need it after the write, even while bytes wait (as TLS). A
   * "kept" one reads it until the bytes have left, as a socket with a full buffer does, and copies only bytes that leave at
   * once. A "lazy" one reads it until the next turn of the event loop, even if all bytes can leave.
   */
  memory?: "copied" | "kept" | "lazy";
  /**
   * The treatment of bytes and of the end after `pause()`. "holds" is a TCP socket, which leaves them with the system.
   * "goesOn" is one under TLS, which emits the bytes that it has decrypted, and then the end. "holds" by default.
   */
  afterPause?: "holds" | "goesOn";
  /** Whether the transport closes by itself once both sides have ended or it was destroyed. True by default. */
  closesItself?: boolean;
}

/**
 * A transport without a network. It records the bytes that are written, blocks on request, and implements `Transport`
 * strictly: a write at a wrong time throws, and the listener is never called from within one of its own methods.
 */
export class FakeTransport implements Transport {
  readonly remoteAddress: string | undefined = "192.0.2.1";
  /** The pieces of each write. */
  readonly writes: Buffer[] = [];
  /** The calls other than writes, in order. */
  readonly calls: string[] = [];
  paused = false;
  pendingBytes = 0;

  readonly #memory: "copied" | "kept" | "lazy";
  readonly #closesItself: boolean;
  readonly #afterPause: "holds" | "goesOn";
  /** All pieces that were written; they are views of the writer's memory if that is kept. */
  readonly #pieces: Buffer[] = [];
  #listener: TransportListener | null = null;
  #sticks = false;
  #incoming: (Buffer | "end")[] = [];
  #failed = false;
  #ended = false;
  #peerEnded = false;
  #destroyed = false;
  #closed: { readonly error: Error | null } | null = null;
  #isCloseReported = false;

  constructor({ memory = "kept", closesItself = true, afterPause = "holds" }: FakeTransportOptions = {}) {
    this.#memory = memory;
    this.#afterPause = afterPause;
    this.#closesItself = closesItself;
  }

  /** All bytes that were written so far. The memory is read only now. */
  get bytes(): Buffer {
    return Buffer.concat(this.#pieces);
  }

  get closed(): boolean {
    return this.#closed !== null;
  }

  get ended(): boolean {
    return this.#ended;
  }

  get destroyed(): boolean {
    return this.#destroyed;
  }

  /** Whether bytes of the peer wait for `resume()`. */
  get holdsBack(): boolean {
    return this.#incoming.length > 0;
  }

  start(listener: TransportListener): void {
    if (this.#listener !== null) throw new Error("the transport was started twice");
    this.#listener = listener;
    // Earlier events are reported in a later tick, as sockets do.
    process.nextTick(() => {
      this.#pump();
      this.#reportClose();
    });
  }

  write(bytes: Buffer): WriteOutcome {
    return this.#accept([bytes]);
  }

  writeAll(pieces: readonly Buffer[]): WriteOutcome {
    return this.#accept(pieces);
  }

  pause(): void {
    this.calls.push("pause");
    this.paused = true;
  }

  resume(): void {
    this.calls.push("resume");
    this.paused = false;
    process.nextTick(() => this.#pump());
  }

  end(): void {
    if (this.#ended) throw new Error("the transport was ended twice");
    this.calls.push("end");
    this.#ended = true;
    this.#closeWhenDone();
  }

  destroy(): void {
    this.calls.push("destroy");
    this.#destroyed = true;
    this.#closeWhenDone();
  }

  /** From the next write on, nothing leaves until `drain()`. */
  stick(): void {
    this.#sticks = true;
  }

  /** The waiting bytes have left. */
  drain(): void {
    this.#sticks = false;
    this.#leave();
  }

  /** The peer takes the first of the waiting bytes, but not all of them. */
  take(length: number): void {
    if (length >= this.pendingBytes) throw new Error(`only ${this.pendingBytes} bytes wait`);
    this.pendingBytes -= length;
  }

  /** The next write fails, as it does after a reset that was not read yet. */
  failWrites(): void {
    this.#failed = true;
  }

  #leave(): void {
    if (this.pendingBytes === 0 || this.#closed || this.#destroyed) return;
    this.pendingBytes = 0;
    // Kept memory is read now and not again.
    if (this.#memory !== "copied") this.#pieces.splice(0, this.#pieces.length, Buffer.concat(this.#pieces));
    this.#told().onDrain();
    this.#closeWhenDone();
  }

  /** Bytes of the peer arrive; while the transport is paused, they wait. */
  deliver(...chunks: readonly Uint8Array[]): void {
    if (this.#closed !== null) return;
    for (const chunk of chunks) this.#incoming.push(Buffer.from(chunk));
    this.#pump();
  }

  /** One more chunk, though the transport is paused. */
  deliverAnyway(chunk: Uint8Array): void {
    this.#tellData(Buffer.from(chunk));
  }

  /** The peer ends its side, after the bytes that it has sent. */
  peerEnd(): void {
    if (this.#closed !== null) return;
    this.#incoming.push("end");
    this.#pump();
  }

  /** Both sides are gone. */
  close(error: Error | null = null): void {
    if (this.#closed !== null) return;
    // A TCP socket leaves unread bytes with the system, which drops them.
    if (this.#afterPause === "holds") this.#incoming = [];
    this.#pump();
    this.#closed = { error };
    this.#reportClose();
  }

  #reportClose(): void {
    if (this.#listener === null || this.#closed === null || this.#isCloseReported) return;
    this.#isCloseReported = true;
    this.#listener.onClose(this.#closed.error);
  }

  #told(): TransportListener {
    if (this.#listener === null) throw new Error("the transport was not started");
    return this.#listener;
  }

  #accept(pieces: readonly Buffer[]): WriteOutcome {
    // A closed socket drops written bytes, even before it has reported that it is closed.
    if (this.#closed !== null && !this.#isCloseReported) return "lost";
    if (this.#ended || this.#destroyed || this.#closed !== null) throw new Error("bytes are written behind the end");
    if (this.pendingBytes > 0) throw new Error(`bytes are written while ${this.pendingBytes} wait`);
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    if (length === 0) throw new Error("nothing is written");
    if (this.#failed) {
      this.destroy();
      return "lost";
    }
    const waits = this.#sticks || this.#memory === "lazy";
    const keeps = waits && this.#memory !== "copied";
    if (waits) this.pendingBytes = length;
    if (waits && !this.#sticks) setImmediate(() => this.#sticks || this.#leave());
    this.#pieces.push(...(keeps ? pieces : pieces.map((piece) => Buffer.from(piece))));
    this.writes.push(Buffer.concat(pieces));
    if (!waits) return "sent";
    return keeps ? "held" : "copied";
  }

  /** Overwrites a chunk, as a socket does that reads the next bytes into the same memory. */
  #tellData(chunk: Buffer): void {
    this.#told().onData(chunk);
    chunk.fill(0xee);
  }

  #pump(): void {
    if (this.#listener === null) return;
    while ((!this.paused || this.#afterPause === "goesOn") && this.#incoming.length > 0) {
      const next = this.#incoming.shift();
      if (next === "end") {
        this.#peerEnded = true;
        this.#told().onEnd();
        this.#closeWhenDone();
      } else if (next !== undefined) {
        this.#tellData(next);
      }
    }
  }

  #closeWhenDone(): void {
    const done = this.#destroyed || (this.#ended && this.#peerEnded && this.pendingBytes === 0);
    if (done && this.#closesItself) process.nextTick(() => this.close());
  }
}
