import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import type { Transport, TransportListener, WriteOutcome } from "../endpoint/transport.ts";
import { readIntoSharedBuffer } from "./shared-read-buffer.ts";

const TRANSPORT = Symbol("transport");
const EMPTY = Buffer.alloc(0);

/** Node's own part of a socket. */
interface Handle {
  /** Bytes that the system has not taken: by it, node's time-outs see that a long write makes progress. */
  readonly writeQueueSize?: number;
  /** The handle under that of TLS. It knows what the system has taken, which the one of TLS does not. */
  readonly _parent?: Handle;
}

interface SocketWithTransport extends Duplex {
  [TRANSPORT]?: SocketTransport;
  readonly remoteAddress?: string | undefined;
  readonly _handle?: Handle | null;
}

// One function for all sockets: a closure for each would cost every idle connection some hundred bytes.
function onData(this: SocketWithTransport, chunk: Buffer): void {
  this[TRANSPORT]?.onData(chunk);
}

function onRead(this: SocketWithTransport, length: number, buffer: Buffer): void {
  this[TRANSPORT]?.onData(buffer.subarray(0, length));
}

function onEnd(this: SocketWithTransport): void {
  this[TRANSPORT]?.onEnd();
}

function onError(this: SocketWithTransport, error: Error): void {
  this[TRANSPORT]?.onError(error);
}

function onClose(this: SocketWithTransport): void {
  this[TRANSPORT]?.onClose();
}

/**
 * What becomes of the memory that a socket is given. A TCP socket that counts a write down at once has passed it to
 * the system. TLS always finishes later, but has encrypted the bytes elsewhere by the time that it returns. Any other
 * Duplex may pass on the memory itself, and may emit memory that other code uses: there both directions are copied.
 */
type Kind = "tcp" | "tls" | "other";

function kindOf(socket: Duplex): Kind {
  if (socket instanceof TLSSocket) return "tls";
  return socket instanceof Socket ? "tcp" : "other";
}

/** What happened before `start()`. */
interface EarlyEvents {
  inputEnded: boolean;
  closed: boolean;
  /** Everything that was written has left. */
  drained: boolean;
}

/** A transport over a TCP or TLS socket, or any other Duplex of bytes. */
export class SocketTransport implements Transport {
  readonly #socket: SocketWithTransport;
  readonly #kind: Kind;
  #listener: TransportListener | null = null;
  #onWritten: ((error?: Error | null) => void) | null = null;
  #error: Error | null = null;
  /** Made if something happens before `start()`: a client sends before it begins to read. */
  #early: EarlyEvents | null = null;
  #ended = false;
  /** Whether all waiting bytes have been passed on to the socket's handle, and none waits in the stream. */
  #isInHandle = false;

  constructor(socket: Duplex) {
    this.#socket = socket;
    this.#kind = kindOf(socket);
    this.#socket[TRANSPORT] = this;
    // The connection decides when our side ends: after the peer's end there may be something left to send.
    socket.allowHalfOpen = true;
    socket.on("error", onError).on("end", onEnd).on("close", onClose);
    // An upgraded socket may have ended while the application decided, before anybody listened.
    this.#error = socket.errored ?? null;
    if (socket.readableEnded || socket.closed === true) {
      this.#early = { inputEnded: socket.readableEnded, closed: socket.closed === true, drained: false };
    }
  }

  get pendingBytes(): number {
    const { writableLength, _handle: handle } = this.#socket;
    const queued = handle?.writeQueueSize ?? 0;
    // Since node 26 a TLS handle queues nothing of what is written within its 'secureConnection' event until the next turn.
    if (!this.#isInHandle || queued === 0) return writableLength;
    // The stream counts a write down only when all of it has left. Under TLS only the handle below counts as it leaves.
    return Math.min(writableLength, handle?._parent?.writeQueueSize ?? queued);
  }

  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress;
  }

  start(listener: TransportListener): void {
    this.#listener = listener;
    const early = this.#early;
    this.#early = null;
    if (early?.closed === true) {
      process.nextTick(() => this.onClose());
      return;
    }
    this.#socket.on("data", onData);
    if (early?.inputEnded === true) process.nextTick(() => this.onEnd());
    if (this.#kind !== "other") readIntoSharedBuffer(this.#socket as Socket, onRead);
    this.#socket.resume();
    if (early?.drained === true) listener.onDrain();
  }

  write(bytes: Buffer): WriteOutcome {
    const socket = this.#socket;
    if (!socket.writable) return this.#lose();
    if (this.#kind === "other") return this.#writeOwn(Buffer.from(bytes));
    this.#isInHandle = socket.writableLength === 0;
    if (this.#kind === "tls") return this.#writeEncrypted(bytes);
    socket.write(bytes);
    return this.#outcome();
  }

  writeAll(pieces: readonly Buffer[]): WriteOutcome {
    const socket = this.#socket;
    if (!socket.writable) return this.#lose();
    if (this.#kind === "other") return this.#writeOwn(Buffer.concat(pieces));
    this.#isInHandle = socket.writableLength === 0;
    socket.cork();
    for (const piece of pieces) socket.write(piece);
    socket.uncork();
    return this.#outcome();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    this.#ended = true;
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** @internal */
  onData(chunk: Buffer): void {
    this.#listener?.onData(this.#kind === "other" ? Buffer.from(chunk) : chunk);
  }

  /** @internal */
  onEnd(): void {
    if (this.#listener === null) this.#noteEarly("inputEnded");
    else this.#listener.onEnd();
  }

  /** @internal */
  onError(error: Error): void {
    this.#error = error;
  }

  /** @internal */
  onClose(): void {
    if (this.#listener === null) {
      this.#noteEarly("closed");
      return;
    }
    this.#reportRest();
    this.#listener.onClose(this.#error);
  }

  #noteEarly(event: keyof EarlyEvents): void {
    this.#early ??= { inputEnded: false, closed: false, drained: false };
    this.#early[event] = true;
  }

  /** A stream that is destroyed while it is paused emits no more data, and keeps what it has read. */
  #reportRest(): void {
    while (this.#socket.readableLength > 0) {
      const chunk: Buffer | null = this.#socket.read();
      if (chunk === null) return;
      this.onData(chunk);
    }
  }

  /** @param copy memory that no other code uses */
  #writeOwn(copy: Buffer): WriteOutcome {
    const socket = this.#socket;
    try {
      socket.write(copy, this.#whenWritten());
    } catch (error) {
      // A stream of the application's own may throw. Nobody knows what it has taken, so nothing can follow.
      socket.destroy(error instanceof Error ? error : new Error(String(error)));
      throw error;
    }
    if (!socket.writable) return this.#lose();
    return socket.writableLength === 0 ? "sent" : "copied";
  }

  #writeEncrypted(bytes: Buffer): WriteOutcome {
    const socket = this.#socket;
    socket.write(bytes, this.#whenWritten());
    return socket.writable ? this.#waiting() : this.#lose();
  }

  #outcome(): WriteOutcome {
    const socket = this.#socket;
    // A write may fail at once: the error event comes later.
    if (!socket.writable) return this.#lose();
    // The stream counts a write down at once if the system took all of it. Otherwise the callback of an empty write
    // after it reports that: 'drain' is emitted only past the stream's high-water mark.
    if (socket.writableLength === 0) return "sent";
    socket.write(EMPTY, this.#whenWritten());
    return this.#waiting();
  }

  /** TLS has encrypted the bytes that went straight to it. Bytes that wait in the stream are not encrypted yet. */
  #waiting(): WriteOutcome {
    return this.#kind === "tls" && this.#isInHandle ? "copied" : "held";
  }

  /** Nothing can be written any more. Unless it was ended here, and may still send, the socket is of no use. */
  #lose(): WriteOutcome {
    if (!this.#ended) this.#socket.destroy();
    return "lost";
  }

  #whenWritten(): (error?: Error | null) => void {
    this.#onWritten ??= (error) => {
      // A failed write has not left, though the stream counts it down. The close event follows.
      if (error) this.#socket.destroy(error);
      else if (this.#socket.writableLength === 0) this.#onAllWritten();
    };
    return this.#onWritten;
  }

  #onAllWritten(): void {
    if (this.#listener === null) this.#noteEarly("drained");
    else this.#listener.onDrain();
  }
}
