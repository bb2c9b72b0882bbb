const COUNTER_SIZE = 4;

/** The keep-alive pings of one connection: what they carry, and how long the last one took to come back. */
export class PingClock {
  /** Milliseconds from the last answered ping to its pong; `null` before the first. */
  roundTripTime: number | null = null;
  #count = 0;
  #sentAt = 0;

  /** The payload of the next ping, which its pong will bring back. */
  next(): Buffer {
    this.#sentAt = performance.now();
    this.#count = (this.#count + 1) >>> 0;
    const payload = Buffer.allocUnsafe(COUNTER_SIZE);
    payload.writeUInt32BE(this.#count);
    return payload;
  }

  /** A pong came: if it answers the last ping, the way there and back is known. */
  onPong(payload: Buffer): void {
    if (this.#sentAt === 0 || payload.length !== COUNTER_SIZE || payload.readUInt32BE() !== this.#count) return;
    this.roundTripTime = performance.now() - this.#sentAt;
    this.#sentAt = 0;
  }
}
