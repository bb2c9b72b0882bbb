import { ENTRY_COST, Fifo } from "../fifo.ts";
import { iteratorOf } from "./iterator-view.ts";
import type { Message } from "./message-queue.ts";
import { DONE, PendingNexts } from "./pending-nexts.ts";

/** The pieces of one message: strings of a text, Buffers of a binary message. */
type Piece = Message;

export interface PieceQueueListener {
  /** So much more waits, or less. */
  onCost(change: number): void;
  /** Pieces were taken, or are not wanted any more. */
  onTaken(): void;
}

type State =
  /** More pieces may come. */
  | { readonly type: "open" }
  | { readonly type: "ended" }
  /** The connection ended before the message. */
  | { readonly type: "failed"; readonly error: Error }
  /** Nobody wants the rest: it is not kept. */
  | { readonly type: "abandoned" };

const OPEN: State = Object.freeze({ type: "open" });
const ENDED: State = Object.freeze({ type: "ended" });
const ABANDONED: State = Object.freeze({ type: "abandoned" });

/** The pieces of one message that wait for the application, and the loop that takes them. */
export class PieceQueue implements AsyncIterable<Piece, undefined, undefined> {
  readonly #listener: PieceQueueListener;
  readonly #pieces = new Fifo<{ readonly piece: Piece }>();
  readonly #pending = new PendingNexts<Piece>();
  #state: State = OPEN;
  /** The length of the waiting pieces, with a charge for each of them. */
  #cost = 0;
  #isIterated = false;
  /** Whether its loop was left. */
  #isOver = false;

  constructor(listener: PieceQueueListener) {
    this.#listener = listener;
  }

  put(piece: Piece): void {
    if (this.#state.type !== "open") return;
    if (this.#pending.fulfil(piece)) return;
    this.#pieces.put({ piece });
    this.#charge(piece.length + ENTRY_COST);
  }

  end(): void {
    if (this.#state.type !== "open") return;
    this.#state = ENDED;
    this.#pending.end(null);
  }

  /** The connection has ended before the message. */
  fail(error: Error): void {
    if (this.#state.type !== "open") return;
    this.#state = { type: "failed", error };
    this.#pending.rejectAll(error);
  }

  /** The rest is not wanted. A loop that goes on all the same gets an error, unless it has taken everything. */
  abandon(): void {
    const isRead = this.#state.type === "ended" && this.#pieces.isEmpty;
    if (this.#state.type === "abandoned" || isRead) return;
    this.#state = ABANDONED;
    this.#pieces.clear();
    this.#charge(-this.#cost);
    this.#pending.rejectAll(abandonedError());
    this.#listener.onTaken();
  }

  /** Takes all that waits, as one message. */
  joined(isText: boolean): Message {
    const pieces: Piece[] = [];
    for (let next = this.#take(); next !== undefined; next = this.#take()) pieces.push(next);
    return isText ? (pieces as string[]).join("") : Buffer.concat(pieces as Buffer[]);
  }

  /** @throws Error if the pieces are read already, or were */
  [Symbol.asyncIterator](): AsyncIterableIterator<Piece, undefined, undefined> {
    if (this.#isIterated) throw new Error("the pieces of this message are being read already, and come only once");
    this.#isIterated = true;
    return iteratorOf(this);
  }

  next(): Promise<IteratorResult<Piece, undefined>> {
    if (this.#isOver) return Promise.resolve(DONE);
    const piece = this.#take();
    if (piece !== undefined) {
      this.#listener.onTaken();
      return Promise.resolve({ done: false, value: piece });
    }
    switch (this.#state.type) {
      case "ended":
        return Promise.resolve(DONE);
      case "failed":
        return Promise.reject(this.#state.error);
      case "abandoned":
        return Promise.reject(abandonedError());
      case "open":
        return this.#pending.add();
    }
  }

  /** Leaves the loop: the rest of the message is read, and not kept. */
  return(): Promise<IteratorResult<Piece, undefined>> {
    this.#isOver = true;
    this.#pending.end(null);
    this.abandon();
    return Promise.resolve(DONE);
  }

  #take(): Piece | undefined {
    const entry = this.#pieces.take();
    if (entry === undefined) return undefined;
    this.#charge(-(entry.piece.length + ENTRY_COST));
    return entry.piece;
  }

  #charge(change: number): void {
    this.#cost += change;
    this.#listener.onCost(change);
  }
}

function abandonedError(): Error {
  return new Error("this message was abandoned: the loop over streams() has gone on, so await its pieces before that");
}
