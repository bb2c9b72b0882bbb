/**
 * Random conversations over a WebSocketStream: what the application and the peer do, in any order, and what must hold
 * in the end: every promise is settled, and nothing was lost, repeated or exchanged.
 */
import fc from "fast-check";
import { expect } from "vitest";
import { WebSocketError } from "../../src/websocket/websocket-error.ts";
import { BINARY, CLOSE, type FrameSpec } from "./frames.ts";
import { settled } from "./stream-harness.ts";

/** What the peer does. After `end` and `reset` it can do nothing more. `hold` stops its reading, `take` resumes it. */
const PEER_STEPS = ["message", "messages", "closeFrame", "end", "reset", "hold", "take", "garbage"] as const;
/** What the application does. */
const APPLICATION_STEPS = ["write", "write", "writeLong", "writeWrong", "read", "read", "cancel", "abort"] as const;
const CLOSING_STEPS = ["closeWriter", "close", "turn", "turn"] as const;

export type Step = (typeof PEER_STEPS)[number] | (typeof APPLICATION_STEPS)[number] | (typeof CLOSING_STEPS)[number];

export const conversations: fc.Arbitrary<Step[]> = fc.array(
  fc.constantFrom<Step>(...PEER_STEPS, ...APPLICATION_STEPS, ...CLOSING_STEPS),
  { maxLength: 25 },
);

const CLOSE_CODE = 4007;
const APPLICATION_CODE = 4008;
const BURST = 10;
const LONG = 300_000;

/** The other end of the connection. */
export interface StreamPeer {
  send(...frames: readonly FrameSpec[]): void;
  end(): void;
  reset(): void;
  hold(): void;
  take(): void;
  /** Gives what was sent the time to arrive. */
  turn(): Promise<void>;
  /** Waits for what must happen. */
  until(happened: () => boolean): Promise<void>;
  /** The numbers of the messages that it has received. */
  readonly received: readonly number[];
  /** Whether our Close frame has come, or can come no more. */
  readonly hasClosed: boolean;
}

export interface Talking {
  readonly readable: ReadableStream<string | Uint8Array>;
  readonly writable: WritableStream<unknown>;
  readonly closed: Promise<unknown>;
  close(info: { readonly closeCode: number; readonly reason: string }): void;
}

type Outcome = Awaited<ReturnType<typeof settled>>;

/** One run of a conversation. */
export class Conversation {
  readonly #peer: StreamPeer;
  readonly #stream: Talking;
  readonly #reader: ReadableStreamDefaultReader<string | Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<unknown>;
  /** All promises that were given to the application, by their names. */
  readonly #promises: { readonly name: string; outcome: Outcome | null }[] = [];
  readonly #read: number[] = [];
  #sent = 0;
  #written = 0;
  #closeFrameSent = false;
  #isOver = false;
  #broken = false;

  constructor(stream: Talking, peer: StreamPeer) {
    this.#stream = stream;
    this.#peer = peer;
    this.#reader = stream.readable.getReader();
    this.#writer = stream.writable.getWriter();
    this.#writer.ready.catch(() => {});
    this.#note("closed", stream.closed);
    this.#note("reader.closed", this.#reader.closed);
    this.#note("writer.closed", this.#writer.closed);
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const step of steps) await this.#take(step);
    await this.#finish();
    await this.#peer.until(() => this.#pending.length === 0);
    expect(this.#pending, "promises that were never settled").toEqual([]);
    this.#check();
  }

  get #pending(): string[] {
    return this.#promises.filter(({ outcome }) => outcome === null).map(({ name }) => name);
  }

  #note(name: string, promise: Promise<unknown>): void {
    const entry: { name: string; outcome: Outcome | null } = { name, outcome: null };
    this.#promises.push(entry);
    void settled(promise).then((outcome) => {
      entry.outcome = outcome;
    });
  }

  async #take(step: Step): Promise<void> {
    switch (step) {
      case "message":
        return this.#send(1);
      case "messages":
        return this.#send(BURST);
      case "closeFrame":
        return this.#sendCloseFrame();
      case "garbage":
        return this.#sendGarbage();
      case "end":
      case "reset":
        return this.#endPeer(step);
      case "hold":
      case "take":
        return this.#peer[step]();
      case "write":
        return this.#write(8);
      case "writeLong":
        return this.#write(LONG);
      case "writeWrong":
        return this.#noteWrite("write of a Symbol", Symbol("wrong"));
      case "read":
        return this.#readOne();
      case "cancel":
        return this.#note("cancel()", this.#reader.cancel(new WebSocketError("", { closeCode: APPLICATION_CODE })));
      case "abort":
        return this.#note("abort()", this.#writer.abort("enough"));
      case "closeWriter":
        return this.#note("writer.close()", this.#writer.close());
      case "close":
        return this.#stream.close({ closeCode: APPLICATION_CODE, reason: "done" });
      case "turn":
        return this.#peer.turn();
    }
  }

  #send(count: number): void {
    if (this.#isOver || this.#closeFrameSent) return;
    this.#peer.send(...Array.from({ length: count }, () => ({ opcode: BINARY, payload: numbered(this.#sent++, 40) })));
  }

  #sendCloseFrame(): void {
    if (this.#isOver || this.#closeFrameSent) return;
    this.#closeFrameSent = true;
    this.#peer.send({ opcode: CLOSE, payload: Buffer.from([CLOSE_CODE >> 8, CLOSE_CODE & 255]) });
  }

  /** A frame that breaks a rule: its opcode is reserved. */
  #sendGarbage(): void {
    if (this.#isOver || this.#closeFrameSent) return;
    this.#broken = true;
    this.#peer.send({ opcode: 3, payload: "" });
  }

  #endPeer(how: "end" | "reset"): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#peer[how]();
  }

  #write(length: number): void {
    const number = this.#written++;
    this.#noteWrite(`write ${number}`, numbered(number, length));
  }

  #noteWrite(name: string, chunk: unknown): void {
    try {
      this.#note(name, this.#writer.write(chunk));
    } catch (error) {
      // Node's own fault in some releases: a write throws while the stream is being closed, and should reject.
      expect(error).toMatchObject({ code: "ERR_INTERNAL_ASSERTION" });
    }
  }

  #readOne(): void {
    const read = this.#reader.read().then(({ value }) => {
      if (value !== undefined) this.#read.push(numberOf(value as Uint8Array));
    });
    this.#note("read()", read);
  }

  /** The application reads whatever comes, and the peer reads, answers a Close frame and ends. */
  async #finish(): Promise<void> {
    this.#peer.take();
    const rest = this.#readRest();
    this.#note("the rest", rest);
    await this.#peer.turn();
    if (!this.#closeFrameSent && !this.#isOver) this.#sendCloseFrame();
    await this.#peer.until(() => this.#peer.hasClosed);
    this.#endPeer("end");
  }

  async #readRest(): Promise<void> {
    for (;;) {
      const { done, value } = await this.#reader.read();
      if (done) return;
      this.#read.push(numberOf(value as Uint8Array));
    }
  }

  #check(): void {
    expect(this.#read, "read in order, without a gap").toEqual(this.#read.map((_, index) => index));
    expect(this.#read.length).toBeLessThanOrEqual(this.#sent);
    const { received } = this.#peer;
    expect(received, "written in order, without a gap").toEqual(received.map((_, index) => index));
    expect(received.length).toBeLessThanOrEqual(this.#written);
    const end = this.#promises[0]?.outcome;
    if (end !== null && end !== undefined && "resolved" in end) {
      expect(end.resolved, "a clean end has the peer's code").toEqual({ closeCode: CLOSE_CODE, reason: "" });
      expect(this.#closeFrameSent).toBe(true);
    } else {
      expect(end?.rejected).toBeInstanceOf(WebSocketError);
    }
    if (this.#broken) expect(end).toHaveProperty("rejected");
  }
}

function numbered(number: number, length: number): Buffer {
  const payload = Buffer.alloc(length);
  payload.writeUInt32BE(number);
  return payload;
}

function numberOf(chunk: Uint8Array): number {
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).readUInt32BE();
}

/** The numbers of the messages in frames that the peer has received. */
export function numbersIn(frames: readonly { readonly opcode: number; readonly payload: Buffer }[]): number[] {
  return frames.filter(({ opcode }) => opcode === BINARY).map(({ payload }) => payload.readUInt32BE());
}
