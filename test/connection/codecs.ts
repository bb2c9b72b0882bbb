/** Extensions for the tests of a connection. They reverse the bytes, which shows what went through one. */

import type { MessageCodec, SendOptions, SharedEncoder } from "../../src/extensions/index.ts";
import type { Violation } from "../../src/framing/violations.ts";

export function reversed(bytes: Uint8Array | string): Buffer {
  return Buffer.from(Buffer.from(bytes as string)).reverse();
}

/** Works synchronously, in memory that it uses again for each message that it decodes. */
export class PromptCodec implements MessageCodec {
  readonly options: SendOptions[] = [];
  closed = 0;
  readonly #scratch = Buffer.alloc(100_000);

  encode(payload: Uint8Array, _opcode: number, options: SendOptions): Uint8Array | null {
    this.options.push(options);
    return options.compress === false ? null : reversed(payload);
  }

  decode(payload: Buffer): Uint8Array | Violation {
    this.#scratch.set(reversed(payload));
    return this.#scratch.subarray(0, payload.length);
  }

  close(): void {
    this.closed++;
  }
}

interface Task {
  readonly settle: (result: never) => void;
  readonly fail: (error: unknown) => void;
  readonly payload: Uint8Array;
}

/** Works asynchronously: the test decides when a message is done. Throws if it gets two at a time in one direction. */
export class SlowCodec implements MessageCodec {
  readonly encoding: Task[] = [];
  readonly decoding: Task[] = [];
  closed = 0;

  encode(payload: Uint8Array): Promise<Uint8Array | null> {
    return this.#begin(this.encoding, payload);
  }

  decode(payload: Buffer): Promise<Uint8Array | Violation> {
    return this.#begin(this.decoding, Buffer.from(payload));
  }

  close(): void {
    this.closed++;
  }

  /** Ends the message that is being encoded, with its bytes reversed or with another result. */
  encoded(result?: Uint8Array | null): Promise<void> {
    return this.#end(this.encoding, result);
  }

  /** Ends the message that is being decoded. */
  decoded(result?: Uint8Array | Violation): Promise<void> {
    return this.#end(this.decoding, result);
  }

  fail(tasks: Task[], error: unknown): Promise<void> {
    tasks.shift()?.fail(error);
    return settled();
  }

  #begin<Result>(tasks: Task[], payload: Uint8Array): Promise<Result> {
    if (tasks.length > 0) throw new Error("a codec is given one message after the other");
    return new Promise((settle, fail) => tasks.push({ settle, fail, payload }));
  }

  #end(tasks: Task[], result: unknown): Promise<void> {
    const task = tasks.shift();
    if (task === undefined) throw new Error("no message is under way");
    task.settle((result === undefined ? reversed(task.payload) : result) as never);
    return settled();
  }
}

/** When all microtasks are done. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Encodes its connection's own messages, and leaves those for many connections to a shared encoder. */
export class SharingCodec extends PromptCodec {
  readonly sharedEncoder: SharedEncoder;
  /** How many messages it has encoded before each that went past it. */
  readonly sharedAfter: number[] = [];

  constructor(sharedEncoder: SharedEncoder) {
    super();
    this.sharedEncoder = sharedEncoder;
  }

  onShared(): void {
    this.sharedAfter.push(this.options.length);
  }
}
