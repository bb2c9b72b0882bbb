import type { StreamChunk } from "./stream-chunk.ts";

/** Where the messages come from. */
export interface MessageGate {
  /** No further message is wanted for now. */
  pause(): void;
  /** Messages are wanted again. They may come before this returns. */
  resume(): void;
}

/** How messages of the peer come in. */
type Flow =
  /** Until a message finds another one that nobody has read. */
  | "flowing"
  /** Not at all, until the stream pulls. */
  | "held"
  /** All of them, whether they are read or not: no more can arrive. */
  | "released"
  /** All of them, and they are dropped: the application has ended the connection. */
  | "dropped";

/**
 * The readable side of a connection. It stops the connection when two messages have not been read, so that a peer that
 * sends faster is slowed down by TCP. With one, the connection goes on: a ping or a Close frame may come next.
 */
export class MessageSource {
  readonly stream: ReadableStream<StreamChunk>;
  readonly #gate: MessageGate;
  #controller!: ReadableStreamDefaultController<StreamChunk>;
  #flow: Flow = "flowing";
  /** Whether the stream takes no chunk any more: it was closed, cancelled or errored. */
  #isOver = false;

  /** @param onCancel the application wants no more messages */
  constructor(gate: MessageGate, onCancel: (reason: unknown) => void) {
    this.#gate = gate;
    this.stream = new ReadableStream<StreamChunk>({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () => this.#pull(),
      cancel: (reason) => {
        this.#isOver = true;
        onCancel(reason);
      },
    });
  }

  /** A message has arrived. */
  put(chunk: StreamChunk): void {
    if (this.#isOver || this.#flow === "dropped") return;
    const hasRoom = (this.#controller.desiredSize ?? 0) > 0;
    this.#controller.enqueue(chunk);
    if (hasRoom || this.#flow !== "flowing") return;
    this.#flow = "held";
    this.#gate.pause();
  }

  /** Nothing is held back any more. To be called when no more bytes can arrive. */
  release(): void {
    if (this.#flow !== "dropped") this.#letAllCome("released");
  }

  /** The messages that still arrive are dropped. */
  drop(): void {
    this.#letAllCome("dropped");
  }

  /** No message follows. What was not read can still be read. */
  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#controller.close();
  }

  /** The connection has ended uncleanly. What was not read is lost. */
  error(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#controller.error(error);
  }

  #pull(): void {
    if (this.#flow === "held") this.#letAllCome("flowing");
  }

  #letAllCome(flow: Flow): void {
    const wasHeld = this.#flow === "held";
    this.#flow = flow;
    if (wasHeld) this.#gate.resume();
  }
}
