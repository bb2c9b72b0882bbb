import type { SendOptions } from "../extensions/index.ts";
import { ENTRY_COST, Fifo } from "../fifo.ts";
import { type FragmentListener, type FragmentOutput, FragmentWriter } from "./fragment-writer.ts";

/** What is known of the output of an endpoint. */
export interface TurnsOutput extends Omit<FragmentOutput, "onWritten" | "onWithdrawn"> {
  /** Bytes of frames that were added, ever. */
  readonly added: number;
  /** Bytes that have left this process, ever. */
  readonly left: number;
  /** Takes a step after the messages that were sent before; at once if all of them are framed. */
  inOrder(step: () => void): void;
  /** A message was taken back, so that what was collected of it waits no longer. */
  onTakenBack(): void;
}

/** A message behind one that is sent in fragments. */
interface WaitingMessage {
  readonly byteLength: number;
  readonly send: () => void;
}

/** A writer whose last byte is this one of all that are sent. */
interface Leaving {
  readonly writer: FragmentWriter;
  /** `Infinity` while the message is being encoded. */
  end: number;
}

/**
 * Gives messages their turns while one is sent in fragments: RFC 6455 section 5.4, "The fragments of one message MUST NOT
 * be interleaved between the fragments of another message".
 */
export class SendTurns {
  readonly #output: TurnsOutput;
  readonly #fragments: FragmentOutput;
  #current: FragmentWriter | null = null;
  readonly #waiting = new Fifo<FragmentWriter | WaitingMessage>();
  #waitingBytes = 0;
  /** Whether messages that have waited are being sent: those that are sent meanwhile follow them. */
  #isPassingOn = false;
  #leaving: Leaving[] = [];

  constructor(output: TurnsOutput) {
    this.#output = output;
    this.#fragments = {
      get pipeline() {
        return output.pipeline;
      },
      get hasRoom() {
        return output.hasRoom;
      },
      maxCollected: output.maxCollected,
      addFragment: (first, payload) => output.addFragment(first, payload),
      sendWhole: (opcode, payload, options) => output.sendWhole(opcode, payload, options),
      onEncodingFailed: (error) => output.onEncodingFailed(error),
      onWritten: (writer) => this.#onWritten(writer),
      onWithdrawn: (writer) => this.#onWithdrawn(writer),
    };
  }

  /** Whether messages have to wait. */
  get isOpen(): boolean {
    return this.#current !== null || this.#isPassingOn;
  }

  /** Whether messages wait. */
  get hasWaiting(): boolean {
    return this.#waitingBytes > 0;
  }

  /** Bytes of messages that are not framed yet, and 64 more for each that waits behind another. */
  get waitingBytes(): number {
    return this.#waitingBytes + (this.#current?.collectedBytes ?? 0);
  }

  /** A message that will be written in fragments, behind everything that was sent before. */
  open(options: SendOptions, listener: FragmentListener): FragmentWriter {
    const writer = new FragmentWriter(this.#fragments, options, listener);
    if (!this.isOpen) this.#begin(writer);
    else this.#waiting.put(writer);
    return writer;
  }

  /** Keeps a message until its turn. */
  wait(byteLength: number, send: () => void): void {
    this.#waitingBytes += byteLength + ENTRY_COST;
    this.#waiting.put({ byteLength, send });
  }

  /** Something has left this process. */
  onProgress(): void {
    const { left } = this.#output;
    while (this.#leaving[0] !== undefined && this.#leaving[0].end <= left) this.#leaving.shift()?.writer.onLeft();
    if (this.#current?.hasRoom === true) this.#current.listener.onRoom();
  }

  /** No message follows: those that are not written to their end are broken off. */
  cancel(): void {
    const current = this.#current;
    this.#current = null;
    this.#waitingBytes = 0;
    if (current?.isWritten === false) current.cancel();
    for (let next = this.#waiting.take(); next !== undefined; next = this.#waiting.take()) {
      if (next instanceof FragmentWriter) next.cancel();
    }
  }

  /** Nothing leaves any more. */
  discard(): void {
    this.cancel();
    const leaving = this.#leaving;
    this.#leaving = [];
    for (const { writer } of leaving) writer.cancel();
  }

  #begin(writer: FragmentWriter): void {
    this.#current = writer;
    this.#output.inOrder(() => writer.open());
  }

  #onWritten(writer: FragmentWriter): void {
    const leaving: Leaving = { writer, end: Number.POSITIVE_INFINITY };
    this.#leaving.push(leaving);
    this.#output.inOrder(() => {
      leaving.end = this.#output.added;
      this.#passOn(writer);
      this.onProgress();
    });
  }

  #onWithdrawn(writer: FragmentWriter): void {
    if (writer === this.#current) this.#passOn(writer);
    else this.#waiting.retain((waiting) => waiting !== writer);
    this.#output.onTakenBack();
  }

  /** The writer has had its turn: the messages behind it follow, up to the next one in fragments. */
  #passOn(writer: FragmentWriter): void {
    if (writer !== this.#current) return;
    this.#current = null;
    this.#isPassingOn = true;
    try {
      this.#sendWaiting();
    } finally {
      this.#isPassingOn = false;
    }
  }

  #sendWaiting(): void {
    while (this.#current === null) {
      const next = this.#waiting.take();
      if (next === undefined) return;
      if (next instanceof FragmentWriter) {
        this.#begin(next);
      } else {
        this.#waitingBytes -= next.byteLength + ENTRY_COST;
        next.send();
      }
    }
  }
}
