/** Two ends of one connection without a network between them. The bytes of one reach the other in chunks cut anywhere. */
import type { WriteOutcome } from "../../src/endpoint/transport.ts";
import { FakeTransport } from "./fake-transport.ts";

/** The treatment of the next chunk. */
export interface Step {
  /** Its length in bytes. */
  readonly size: number;
  /** Whether a turn of the event loop ends after it. */
  readonly turn: boolean;
  /** Whether the next write is blocked until all earlier bytes have arrived. */
  readonly stick: boolean;
}

/** The number of chunks that are cut by the steps among the bytes under way; the bytes behind them go in large chunks. */
const MOST_CUTS = 200;
const LARGE = 65_536;

class LinkedTransport extends FakeTransport {
  readonly #steps: readonly Step[];
  #taken = 0;
  #peer: FakeTransport | null = null;
  #carried = 0;
  #carrying = false;
  #saidEnd = false;

  /** @param steps the treatment of its chunks, repeated; at least one */
  constructor(steps: readonly Step[]) {
    super({ memory: "kept" });
    this.#steps = steps;
  }

  link(peer: FakeTransport): void {
    this.#peer = peer;
  }

  override write(bytes: Buffer): WriteOutcome {
    this.#carrySoon();
    return super.write(bytes);
  }

  override writeAll(pieces: readonly Buffer[]): WriteOutcome {
    this.#carrySoon();
    return super.writeAll(pieces);
  }

  override end(): void {
    super.end();
    this.#carrySoon();
  }

  override destroy(): void {
    super.destroy();
    setImmediate(() => this.#peer?.close());
  }

  #carrySoon(): void {
    if (this.#carrying) return;
    this.#carrying = true;
    setImmediate(() => void this.#carry());
  }

  async #carry(): Promise<void> {
    const peer = this.#peer as FakeTransport;
    for (let bytes = this.#leave(); bytes.length > 0; bytes = this.#leave()) {
      let cuts = 0;
      for (let at = 0; at < bytes.length; cuts++) {
        const { size, turn, stick } = this.#steps[this.#taken++ % this.#steps.length] as Step;
        const end = at + (cuts < MOST_CUTS ? size : LARGE);
        if (stick) this.stick();
        peer.deliver(bytes.subarray(at, end));
        at = end;
        if (turn) await new Promise(setImmediate);
      }
    }
    this.#carrying = false;
    if (!this.ended || this.#saidEnd) return;
    this.#saidEnd = true;
    peer.peerEnd();
  }

  /** The bytes that have not left yet. Blocked bytes are read only now, and not when they were written. */
  #leave(): Buffer {
    this.drain();
    const bytes = this.bytes.subarray(this.#carried);
    this.#carried += bytes.length;
    return bytes;
  }
}

/** @param steps the treatment of the chunks from each of them to the other */
export function linkTransports(
  steps: readonly [readonly Step[], readonly Step[]],
): readonly [FakeTransport, FakeTransport] {
  const [one, other] = [new LinkedTransport(steps[0]), new LinkedTransport(steps[1])];
  one.link(other);
  other.link(one);
  return [one, other];
}
