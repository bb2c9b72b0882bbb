import { Fifo } from "../fifo.ts";

/** What is sent, in its order: a Blob, a text, bytes, or a step that keeps its place among them. */
type Waiting = Blob | string | Uint8Array | (() => void);

/** Where the messages go when it is their turn. */
export interface BlobOrderListener {
  sendText(text: string): void;
  sendBytes(bytes: Uint8Array): void;
  /** A Blob could not be read, such as one of a file that has changed. Nothing that waits behind it is sent. */
  onUnreadable(error: unknown): void;
}

/** Keeps the order of messages while a Blob is read, which is asynchronous: what is sent later waits behind it. */
export class BlobOrder {
  readonly #listener: BlobOrderListener;
  readonly #waiting = new Fifo<Waiting>();
  #isReading = false;
  #isDiscarded = false;

  constructor(listener: BlobOrderListener) {
    this.#listener = listener;
  }

  /** Whether nothing waits. */
  get isIdle(): boolean {
    return !this.#isReading && this.#waiting.isEmpty;
  }

  /** @param item bytes must be the caller's to give away */
  put(item: Waiting): void {
    if (this.#isDiscarded) return;
    this.#waiting.put(item);
    this.#proceed();
  }

  /** Drops everything that waits, and whatever is put in later. */
  discard(): void {
    this.#isDiscarded = true;
    this.#waiting.clear();
  }

  #proceed(): void {
    while (!this.#isReading) {
      const item = this.#waiting.take();
      if (item === undefined) return;
      if (typeof item === "string") this.#listener.sendText(item);
      else if (typeof item === "function") item();
      else if (item instanceof Uint8Array) this.#listener.sendBytes(item);
      else void this.#read(item);
    }
  }

  async #read(blob: Blob): Promise<void> {
    this.#isReading = true;
    let bytes: Uint8Array | null = null;
    try {
      bytes = new Uint8Array(await blob.arrayBuffer());
    } catch (error) {
      if (!this.#isDiscarded) this.#fail(error);
    }
    this.#isReading = false;
    if (this.#isDiscarded) return;
    if (bytes !== null) this.#listener.sendBytes(bytes);
    this.#proceed();
  }

  #fail(error: unknown): void {
    this.discard();
    this.#listener.onUnreadable(error);
  }
}
