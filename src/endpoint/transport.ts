/** Notifications from a transport, never made within `start`, `pause`, `resume`, `end` or `destroy`. */
export interface TransportListener {
  /**
   * Bytes arrived; the chunk is the listener's to read and to change, until the method returns. Some may still come
   * after `pause()`, and within a write if both ends are in one process.
   */
  onData(chunk: Buffer): void;
  /**
   * Everything that was written has left this process, after a write that had to wait. Not called if the write failed.
   */
  onDrain(): void;
  /** The peer will send no more: follows everything that it sent. Comes after `pause()`, too. */
  onEnd(): void;
  /** The transport is gone for both sides: follows everything that arrived. Comes after `pause()`, too. */
  onClose(error: Error | null): void;
}

/** The outcome of a write. */
export type WriteOutcome =
  /** The bytes have left this process. Their memory may be used again. */
  | "sent"
  /** The bytes wait, and the transport reads their memory until `onDrain`. */
  | "held"
  /** The bytes wait as a copy. Their memory may be used again. `onDrain` follows. */
  | "copied"
  /** The bytes were dropped, since our side has ended or failed. `onDrain` does not follow, `onClose` does. */
  | "lost";

/**
 * The two-way stream of bytes under a connection: a TCP or TLS socket, later an HTTP/2 stream. A connection knows
 * nothing else of it.
 */
export interface Transport {
  /** Begins to notify the listener; called once. */
  start(listener: TransportListener): void;
  /** Sends the bytes. While earlier bytes wait, nothing is written. */
  write(bytes: Buffer): WriteOutcome;
  /** Sends the pieces in their order, as one write if that is possible. */
  writeAll(pieces: readonly Buffer[]): WriteOutcome;
  /** How many written bytes wait in this process. */
  readonly pendingBytes: number;
  /** Asks for no further bytes. Bytes already read from the system may still come, and so may the end. */
  pause(): void;
  resume(): void;
  /** Ends our side once everything that was written has been sent. */
  end(): void;
  /** Drops everything at once. */
  destroy(): void;
  /** The peer's address, if the transport has one. */
  readonly remoteAddress: string | undefined;
}
