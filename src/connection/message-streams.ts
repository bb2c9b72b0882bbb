import { ConnectionError } from "../endpoint/connection-error.ts";
import { connectionLoss } from "../endpoint/connection-losses.ts";
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { PieceListener } from "../endpoint/piece-reader.ts";
import { ENTRY_COST, Fifo } from "../fifo.ts";
import { type MessageOpcode, Opcode, Violations } from "../framing/index.ts";
import type { IterationListener, MessageLoop, MessagesEnd } from "./message-iterator.ts";
import type { Message, MessageQueue } from "./message-queue.ts";
import { DONE, PendingNexts } from "./pending-nexts.ts";
import { PieceQueue } from "./piece-queue.ts";

/** A text message whose pieces come before it has ended; none of them ends inside a character. */
export interface TextStream extends AsyncIterable<string, undefined, undefined> {
  readonly type: "text";
}

/** A binary message whose pieces come before it has ended. */
export interface BinaryStream extends AsyncIterable<Buffer, undefined, undefined> {
  readonly type: "binary";
}

/** A message in pieces; they can be read once. */
export type MessageStream = TextStream | BinaryStream;

/** The error of a loop over the pieces of a message that never ends. */
const MESSAGE_UNFINISHED = connectionLoss(
  "MESSAGE_UNFINISHED",
  "RFC 6455 section 5.4",
  "the connection was closed before the last fragment of the message",
);

/** The endpoint behind it. */
export type PieceSource = Pick<Endpoint<never, Message>, "readPieces" | "fail" | "settings">;

export interface StreamsListener extends IterationListener {
  /** Something arrived that may have to wait. */
  onPut(): void;
  /** A message that has begun in pieces, and is wanted as a whole since the loop was left, has ended. */
  onWhole(message: Message): void;
}

/** A message that has arrived, or is arriving. */
interface Incoming {
  readonly type: "text" | "binary";
  readonly pieces: PieceQueue;
}

/**
 * `for await (const message of connection.streams())` takes one message at a time, and each in pieces as they come. To go
 * on to the next message abandons the one before: the rest of it is read and not kept.
 */
export class MessageStreams
  implements AsyncIterableIterator<MessageStream, undefined, undefined>, MessageLoop, PieceListener<Message>
{
  readonly #queue: MessageQueue;
  readonly #source: PieceSource;
  readonly #listener: StreamsListener;
  /** Messages that were not taken, in their order. */
  readonly #arrived = new Fifo<Incoming>();
  /** The cost of all messages that were not taken, and of the waiting pieces. */
  #cost = 0;
  /** The message that was taken last. */
  #taken: Incoming | null = null;
  /** The message that has not ended. */
  #current: Incoming | null = null;
  /** The bytes of that message, if it is wanted as a whole since the loop was left. */
  #collected: number | null = null;
  readonly #pending = new PendingNexts<MessageStream>();
  #end: MessagesEnd | null = null;
  #isOver = false;

  /** @param queue messages that have arrived as a whole */
  constructor(queue: MessageQueue, source: PieceSource, listener: StreamsListener) {
    this.#queue = queue;
    this.#source = source;
    this.#listener = listener;
    for (let message = queue.take(); message !== undefined; message = queue.take()) this.#add(message);
    source.readPieces(this);
  }

  get isEmpty(): boolean {
    return this.#arrived.isEmpty;
  }

  get cost(): number {
    return this.#cost;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<MessageStream, undefined>> {
    if (this.#isOver) return Promise.resolve(DONE);
    this.#taken?.pieces.abandon();
    const result = this.#pending.add();
    this.#settle();
    return result;
  }

  /** Leaves the loop: the connection stays open, and messages come as a whole again. */
  return(): Promise<IteratorResult<MessageStream, undefined>> {
    this.#finish();
    return Promise.resolve(DONE);
  }

  put(message: Message): void {
    this.#add(message);
    this.#settle();
  }

  end(end: MessagesEnd): void {
    this.#end = end;
    this.#current?.pieces.fail(end.error ?? end.firstError ?? new ConnectionError(MESSAGE_UNFINISHED));
    this.#settle();
  }

  onMessageBegin(opcode: MessageOpcode): void {
    this.#current = this.#arrive(opcode === Opcode.Text ? "text" : "binary");
    this.#settle();
    if (!this.#isOver) this.#listener.onPut();
  }

  onPiece(piece: Message): void {
    this.#current?.pieces.put(piece);
    if (this.#collected !== null) this.#collect(piece);
    else if (!this.#isOver) this.#listener.onPut();
  }

  onMessageEnd(): void {
    const current = this.#current;
    this.#current = null;
    current?.pieces.end();
    if (current === null || this.#collected === null) return;
    this.#collected = null;
    this.#listener.onWhole(current.pieces.joined(current.type === "text"));
  }

  #arrive(type: "text" | "binary"): Incoming {
    const pieces = new PieceQueue({
      onCost: (change) => {
        this.#cost += change;
      },
      onTaken: () => this.#onPiecesTaken(),
    });
    const incoming = { type, pieces };
    this.#arrived.put(incoming);
    this.#cost += ENTRY_COST;
    return incoming;
  }

  #take(): Incoming | undefined {
    const incoming = this.#arrived.take();
    if (incoming !== undefined) this.#cost -= ENTRY_COST;
    return incoming;
  }

  /** A message that has arrived as a whole comes as one piece. */
  #add(message: Message): void {
    const { pieces } = this.#arrive(typeof message === "string" ? "text" : "binary");
    if (message.length > 0) pieces.put(message);
    pieces.end();
  }

  #onPiecesTaken(): void {
    if (!this.#isOver) this.#listener.onTaken();
  }

  /** Fulfils pending calls of `next()` as far as there are messages. */
  #settle(): void {
    while (!this.#pending.isEmpty) {
      const incoming = this.#take();
      if (incoming === undefined) break;
      this.#taken?.pieces.abandon();
      this.#taken = incoming;
      this.#pending.fulfil(streamOf(incoming));
      this.#listener.onTaken();
    }
    if (this.#pending.isEmpty || this.#end === null) return;
    this.#pending.end(this.#end.error);
    this.#finish();
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#pending.end(null);
    this.#taken?.pieces.abandon();
    this.#source.readPieces(null);
    this.#giveBack();
    this.#listener.onIterationEnd();
  }

  /** Messages that nobody has taken are whole ones again, as soon as they have ended. None follows one that is too long. */
  #giveBack(): void {
    for (let incoming = this.#take(); incoming !== undefined; incoming = this.#take()) {
      const message = incoming.pieces.joined(incoming.type === "text");
      if (incoming === this.#current) {
        this.#collectFrom(incoming, message);
      } else if (Buffer.byteLength(message) > this.#source.settings.maxPayload) {
        this.#refuseWhole();
        return;
      } else {
        this.#queue.put(message);
      }
    }
  }

  /** @param begun what has arrived of it */
  #collectFrom({ pieces }: Incoming, begun: Message): void {
    this.#collected = 0;
    pieces.put(begun);
    this.#collect(begun);
  }

  #collect(piece: Message): void {
    this.#collected = (this.#collected ?? 0) + Buffer.byteLength(piece);
    if (this.#collected <= this.#source.settings.maxPayload) return;
    this.#refuseWhole();
  }

  #refuseWhole(): void {
    this.#collected = null;
    this.#current?.pieces.abandon();
    this.#source.fail(Violations.MESSAGE_TOO_BIG);
  }
}

/** The public form of a message. */
function streamOf({ type, pieces }: Incoming): MessageStream {
  return Object.freeze({ type, [Symbol.asyncIterator]: () => pieces[Symbol.asyncIterator]() }) as MessageStream;
}
