import type { Transport, TransportListener, WriteOutcome } from "../../src/endpoint/transport.ts";

export interface FakeTransportOptions {
  /**
   * What becomes of written memory: "copied" is a transport that is done with it at once, even while bytes wait (as
   * TLS); "kept" one that goes on reading it, as a socket whose buffer is full, and copies only what goes at once;
   * "lazy" one that reads it until the next turn of the event loop, even when nothing is stuck.
   */
  memory?: "copied" | "kept" | "lazy";
  /**
   * What happens to bytes and to the end after `pause()`: "holds" is a TCP socket, which leaves them with the system;
   * "goesOn" one under TLS, which emits what it has decrypted, and the end behind it. "holds" by default.
   */
  afterPause?: "holds" | "goesOn";
  /** Whether the transport closes by itself once both sides have ended, or it was destroyed. True by default. */
  closesItself?: boolean;
}

/**
 * A transport without a network. It records what is written, gets stuck when told to, and keeps to the letter of
 * `Transport`: whoever writes to it at a wrong time gets an exception, and it never calls the listener from within
 * one of its own methods.
 */
export class FakeTransport implements Transport {
  readonly remoteAddress: string | undefined = "192.0.2.1";
  /** What each write was given. */
  readonly writes: Buffer[] = [];
  /** What was called beside the writes, in order. */
  readonly calls: string[] = [];
  paused = false;
  pendingBytes = 0;

  readonly #memory: "copied" | "kept" | "lazy";
  readonly #closesItself: boolean;
  readonly #afterPause: "holds" | "goesOn";
  /** All that was written, piece by piece; views of the writer's memory where that is kept. */
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

  /** All bytes that were written until now, read only now. */
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
    // What came before is reported in a later tick, as sockets do.
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

  /** What waits has left. */
  drain(): void {
    this.#sticks = false;
    this.#leave();
  }

  /** The peer takes the first of what waits, but not all of it. */
  take(length: number): void {
    if (length >= this.pendingBytes) throw new Error(`only ${this.pendingBytes} bytes wait`);
    this.pendingBytes -= length;
  }

  /** The next write fails, as it does behind a reset that was not read yet. */
  failWrites(): void {
    this.#failed = true;
  }

  #leave(): void {
    if (this.pendingBytes === 0 || this.#closed || this.#destroyed) return;
    this.pendingBytes = 0;
    // Whatever memory was kept is read now and not again.
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

  /** The peer ends its side, after what it has sent. */
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
    // A socket that is gone drops what is written, also before it has reported that.
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

  /** As a socket does that reads what follows into the same memory. */
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
