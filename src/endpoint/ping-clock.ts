const COUNTER_SIZE = 4;

/** The state of the last ping. */
type State =
  /** Answered, or there was none. */
  | "answered"
  /** Behind other bytes in this process. */
  | "waiting"
  /** On its way to the peer, or its pong on the way back. */
  | "sent";

/** The keep-alive pings of one connection: their payloads, and the round-trip time of the last one. */
export class PingClock {
  /** Milliseconds from when the last answered ping left this process to its pong; `null` before the first. */
  roundTripTime: number | null = null;
  #state: State = "answered";
  #count = 0;
  #sentAt = 0;

  /** Whether the last ping has not left this process: another one would only wait behind it. */
  get isWaiting(): boolean {
    return this.#state === "waiting";
  }

  /** The payload of the next ping, which its pong will bring back. */
  next(): Buffer {
    this.#state = "waiting";
    this.#sentAt = performance.now();
    this.#count = (this.#count + 1) >>> 0;
    const payload = Buffer.allocUnsafe(COUNTER_SIZE);
    payload.writeUInt32BE(this.#count);
    return payload;
  }

  /** The last ping has left this process. */
  onLeft(): void {
    if (this.#state !== "waiting") return;
    this.#state = "sent";
    this.#sentAt = performance.now();
  }

  /** A pong arrived. If it answers the last ping, the round-trip time is known. */
  onPong(payload: Buffer): void {
    const isAnswer = payload.length === COUNTER_SIZE && payload.readUInt32BE() === this.#count;
    if (this.#state === "answered" || !isAnswer) return;
    this.#state = "answered";
    this.roundTripTime = performance.now() - this.#sentAt;
  }
}
