/**
 * Random conversations in which the peer sends, closes, ends and resets while the application listens, pauses, loops
 * and closes, and the model of the messages that the application must have received. They run over any transport.
 */
import fc from "fast-check";
import { expect } from "vitest";
import type { Connection } from "../../src/connection/connection.ts";
import { BINARY, CLOSE, type FrameSpec } from "./frames.ts";

/** An action of the peer. After `end` and `reset` it can do nothing more. */
const PEER_STEPS = ["message", "message", "messages", "closeFrame", "end", "reset"] as const;
/** An action of the application. `take` begins a loop if there is none, and takes one message in it. */
const APPLICATION_STEPS = ["listen", "deafen", "pause", "resume", "take", "leave", "close", "terminate"] as const;
/** The passage of the second after which messages are discarded if nobody listens. */
const TIME_STEPS = ["turn", "turn", "second"] as const;

export type Step = (typeof PEER_STEPS)[number] | (typeof APPLICATION_STEPS)[number] | (typeof TIME_STEPS)[number];

export function scenarios(left: readonly Step[] = []): fc.Arbitrary<Step[]> {
  const all = [...PEER_STEPS, ...APPLICATION_STEPS, ...TIME_STEPS].filter((step) => !left.includes(step));
  return fc.array(fc.constantFrom<Step>(...all), { maxLength: 25 });
}

export const CLOSE_CODE = 4007;
const BURST = 20;
const MESSAGE_SIZE = 40;

/** The other end of the connection, and the clock. */
export interface Surroundings {
  send(...frames: readonly FrameSpec[]): void;
  end(): void;
  reset(): void;
  /** Waits until sockets have emitted the data that they have. */
  turn(): Promise<void>;
  /** Waits for an expected condition; returns early if it can never be fulfilled. */
  until(happened: () => boolean): Promise<void>;
  second(): Promise<void>;
  /** Whether our connection has sent a Close frame, or cannot, since its socket is closed. */
  readonly hasClosed: boolean;
  /** Whether every message arrives that was sent before `reset`. A system drops what a process has not read. */
  readonly keepsBeforeReset: boolean;
}

/** One run of a scenario. */
export class Scenario {
  readonly #connection: Connection;
  readonly #around: Surroundings;
  readonly received: number[] = [];
  readonly closes: [code: number, reason: string, error: Error | null][] = [];
  #sent = 0;
  #closeFrameSent = false;
  #over: "no" | "ended" | "reset" = "no";
  #applicationEnded = false;
  /** Whether a second has passed: messages may have been discarded. */
  #secondPassed = false;
  #loop: AsyncIterator<string | Buffer, undefined, undefined> | null = null;
  readonly #onMessage = (data: string | Buffer) => void this.received.push((data as Buffer).readUInt32BE());

  constructor(connection: Connection, around: Surroundings) {
    this.#connection = connection;
    this.#around = around;
    connection.on("close", (...status) => this.closes.push(status));
    connection.on("error", () => {});
  }

  async run(all: readonly Step[]): Promise<void> {
    for (const step of all) await this.#take(step);
    await this.#around.turn();
    if (this.#applicationEnded) await this.#expectEndWithoutHelp();
    await this.#finish();
    this.#check();
  }

  async #take(step: Step): Promise<void> {
    const connection = this.#connection;
    switch (step) {
      case "message":
        return this.#send(1);
      case "messages":
        return this.#send(BURST);
      case "closeFrame":
        return this.#sendCloseFrame();
      case "end":
      case "reset":
        return this.#endPeer(step);
      case "listen":
        if (!connection.listeners("message").includes(this.#onMessage)) connection.on("message", this.#onMessage);
        return;
      case "deafen":
        connection.off("message", this.#onMessage);
        return;
      case "pause":
      case "resume":
        return connection[step]();
      case "take":
        return this.#takeFromLoop();
      case "leave":
        return this.#leaveLoop();
      case "close":
        this.#applicationEnded = true;
        return connection.close(CLOSE_CODE);
      case "terminate":
        this.#applicationEnded = true;
        return connection.terminate();
      case "turn":
        return this.#around.turn();
      case "second":
        this.#secondPassed = true;
        return this.#around.second();
    }
  }

  #send(count: number): void {
    if (this.#over !== "no" || this.#closeFrameSent) return;
    const payloads = Array.from({ length: count }, () => {
      const payload = Buffer.alloc(MESSAGE_SIZE);
      payload.writeUInt32BE(this.#sent++);
      return payload;
    });
    this.#around.send(...payloads.map((payload) => ({ opcode: BINARY, payload })));
  }

  #sendCloseFrame(): void {
    // An endpoint that has ended its side of the socket sends nothing more.
    if (this.#over !== "no" || this.#closeFrameSent) return;
    this.#closeFrameSent = true;
    this.#around.send({ opcode: CLOSE, payload: Buffer.from([CLOSE_CODE >> 8, CLOSE_CODE & 255]) });
  }

  #endPeer(how: "end" | "reset"): void {
    if (this.#over !== "no") return;
    this.#over = how === "end" ? "ended" : "reset";
    this.#around[how]();
  }

  async #takeFromLoop(): Promise<void> {
    this.#loop ??= this.#connection[Symbol.asyncIterator]();
    const next = this.#loop.next().then(
      ({ value }) => {
        if (value !== undefined) this.received.push((value as Buffer).readUInt32BE());
      },
      () => {},
    );
    // The message may come much later: the loop goes on waiting for it.
    await Promise.race([next, this.#around.turn()]);
  }

  async #leaveLoop(): Promise<void> {
    await this.#loop?.return?.();
    this.#loop = null;
  }

  /** An end that the application requested needs only the peer's answer, unless a loop holds messages back. */
  async #expectEndWithoutHelp(): Promise<void> {
    await this.#leaveLoop();
    await this.#finishPeer();
    await this.#around.until(() => this.closes.length > 0);
    expect(this.closes, "close after close() or terminate(), without resume()").toHaveLength(1);
  }

  async #finishPeer(): Promise<void> {
    await this.#around.turn();
    if (this.#applicationEnded) await this.#around.until(() => this.#around.hasClosed);
    if (this.#around.hasClosed) this.#sendCloseFrame();
    await this.#around.turn();
    this.#endPeer("end");
    await this.#around.turn();
  }

  /** The application takes all messages, and the peer ends in order. */
  async #finish(): Promise<void> {
    await this.#leaveLoop();
    await this.#take("listen");
    this.#connection.resume();
    await this.#around.turn();
    await this.#finishPeer();
    await this.#around.until(() => this.closes.length > 0);
  }

  #check(): void {
    expect(this.closes, "one close event").toHaveLength(1);
    expect(this.#connection.readyState).toBe(3);
    expect(this.received, "no gap, no repetition, in order").toEqual(this.received.map((_, index) => index));
    expect(this.received.length).toBeLessThanOrEqual(this.#sent);
    const isLossless = this.#over !== "reset" || this.#around.keepsBeforeReset;
    if (this.#applicationEnded || this.#secondPassed || !isLossless) return;
    expect(this.received, "every message").toHaveLength(this.#sent);
    expect(this.closes[0]?.[0], "the peer's own code").toBe(this.#closeFrameSent ? CLOSE_CODE : 1006);
  }
}
