const COUNTER_SIZE = 4;

/** The keep-alive pings of one connection: when they were sent, and how long the last one took to come back. */
export class PingClock {
  /** When the last ping was sent, in milliseconds of the sweep's clock. */
  pingedAt: number;
  /** Milliseconds from the last answered ping to its pong; `null` before the first. */
  roundTripTime: number | null = null;
  #count = 0;
  #sentAt = 0;

  /** @param now the sweep's clock: a new connection counts as just pinged */
  constructor(now: number) {
    this.pingedAt = now;
  }

  /** The payload of the next ping, which its pong will bring back. */
  next(now: number): Buffer {
    this.pingedAt = now;
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
