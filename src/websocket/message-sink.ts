import type { SendResult } from "../endpoint/sender.ts";
import { type StreamChunk, writtenChunk } from "./stream-chunk.ts";

/** Where the messages go. */
export interface MessageOutlet {
  send(chunk: StreamChunk): SendResult;
  /** Whether the application has closed the connection. */
  isClosedHere(): boolean;
  /** The stream was closed: so is the connection. */
  onClose(): void;
  /** The stream was aborted: so is the connection. */
  onAbort(reason: unknown): void;
  /** A write waits for the end of the connection, since nothing can be sent. */
  onWaitForEnd(): void;
}

/** What the stream waits for. It writes one chunk at a time, and closes after the last one. */
interface Waiting {
  readonly until: "room" | "end" | "closed";
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * The writable side of a connection. A write ends when the connection has room again, so that an application that
 * respects the stream's back-pressure never has more waiting than one message and the connection's high-water mark.
 */
export class MessageSink {
  readonly stream: WritableStream<unknown>;
  readonly #outlet: MessageOutlet;
  #controller!: WritableStreamDefaultController;
  #waiting: Waiting | null = null;
  /** Whether the stream takes no chunk any more: it was closed, aborted or errored. */
  #isOver = false;
  /** The error that the stream was given because the connection has ended or is about to. */
  #error: unknown = null;
  /** The outcome of the connection, once it has ended. */
  #end: { readonly failure: Error | null } | null = null;

  constructor(outlet: MessageOutlet) {
    this.#outlet = outlet;
    this.stream = new WritableStream<unknown>({
      start: (controller) => {
        this.#controller = controller;
        const { signal } = controller as WritableStreamDefaultController & { readonly signal: AbortSignal };
        signal.addEventListener("abort", () => this.#onAborting(signal.reason), { once: true });
      },
      write: (chunk) => this.#write(chunk),
      close: () => this.#close(),
      abort: (reason) => {
        this.#isOver = true;
        outlet.onAbort(reason);
      },
    });
  }

  /** Whether a message was accepted that has not left this process. */
  get hasUnsent(): boolean {
    return this.#waiting?.until === "room";
  }

  /** Whether a write or the close waits for the connection. */
  get isWaiting(): boolean {
    return this.#waiting !== null;
  }

  /** Everything that was sent has left this process. */
  onDrain(): void {
    if (this.hasUnsent) this.#take()?.resolve();
  }

  /** The peer has closed the connection. A write that is under way goes on. */
  onClosedByPeer(): void {
    this.#refuse(closedError());
  }

  /** The connection has ended. @param failure `null` if it was closed cleanly */
  onEnd(failure: Error | null): void {
    this.#end = { failure };
    this.#refuse(failure ?? closedError());
    const waiting = this.#take();
    if (waiting !== null) this.#settle(waiting, failure);
  }

  #write(chunk: unknown): Promise<void> | undefined {
    const written = this.#convert(chunk);
    const result = this.#outlet.send(written);
    if (result === "sent") return undefined;
    if (result !== "closed") return this.#wait("room");
    // The standard has it that what is written after the application itself has closed the connection is dropped.
    if (this.#outlet.isClosedHere()) return undefined;
    const waiting = this.#wait("end");
    this.#outlet.onWaitForEnd();
    return waiting;
  }

  /** An exception errors the stream. The connection stays open. */
  #convert(chunk: unknown): StreamChunk {
    try {
      return writtenChunk(chunk);
    } catch (error) {
      this.#isOver = true;
      throw error;
    }
  }

  #close(): Promise<void> {
    this.#isOver = true;
    const closed = this.#wait("closed");
    this.#outlet.onClose();
    return closed;
  }

  /** The stream is aborted once the write under way has ended, which a peer that does not read would delay for ever. */
  #onAborting(reason: unknown): void {
    if (this.#waiting?.until !== "closed") this.#take()?.reject(reason);
  }

  #refuse(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#error = error;
    this.#controller.error(error);
  }

  #wait(until: Waiting["until"]): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting = { until, resolve, reject };
      if (this.#end === null) this.#waiting = waiting;
      else this.#settle(waiting, this.#end.failure);
    });
  }

  #take(): Waiting | null {
    const waiting = this.#waiting;
    this.#waiting = null;
    return waiting;
  }

  #settle({ until, resolve, reject }: Waiting, failure: Error | null): void {
    if (until === "closed" && failure === null) resolve();
    else reject(this.#error ?? failure ?? closedError());
  }
}

function closedError(): DOMException {
  return new DOMException("a closed WebSocketStream cannot be written to", "InvalidStateError");
}
