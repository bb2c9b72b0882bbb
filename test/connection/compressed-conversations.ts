/** Conversations that compress: arbitrary messages and agreements, and a check of the wire by the standard alone. */
import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import fc from "fast-check";
import { expect } from "vitest";
import {
  answerOffers,
  checkAnswer,
  declareAgreed,
  declareOffers,
  openPipeline,
  type PerMessageDeflateOptions,
  permessageDeflate,
} from "../../src/extensions/index.ts";
import { clientOptions, payloads, serverOptions } from "../extensions/permessage-deflate/arbitraries.ts";
import { MAX_PAYLOAD, noise, wordy } from "../extensions/permessage-deflate/codecs.ts";
import { textPattern } from "../framing/arbitraries.ts";
import type { Opened } from "../support/connection-harness.ts";
import { digest } from "../support/digest.ts";
import { BINARY, CLOSE, decodeFrames, TEXT, wellFormed } from "../support/frames.ts";
import type { Step } from "../support/linked-transports.ts";

export const RSV1 = 4;
export const TAIL = Buffer.from([0, 0, 0xff, 0xff]);

export type Data = string | Buffer;

const texts = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: "binary", maxLength: 200 }) },
  // Lone halves of surrogate pairs among them.
  { weight: 2, arbitrary: fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units)) },
  { weight: 2, arbitrary: fc.string({ maxLength: 3000 }).map((text) => text.repeat(3)) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 100_000 }).map((length) => textPattern(length, length)) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 100_000 }).map((length) => wordy(length, 3).toString()) },
);
/** Long messages and their ends, which the sender refers back to where they come behind one another. */
const related = fc
  .tuple(fc.constantFrom(noise(90_000), wordy(150_000, 3)), fc.constantFrom(50, 200, 200, 3000, 3000, 150_000))
  .map(([whole, length]) => whole.subarray(-length));
export const data: fc.Arbitrary<Data> = fc.oneof(
  texts,
  payloads.map((payload) => Buffer.from(payload)),
  related,
);

export function bytesOf(message: Data): Buffer {
  return typeof message === "string" ? Buffer.from(wellFormed(message)) : message;
}

/** The message as the other side has it. */
export function arrived(message: Data): string {
  return digest(typeof message === "string" ? wellFormed(message) : message);
}

/** The options of both sides, which lead to what they agree on. */
export interface Agreement {
  readonly ofServer: PerMessageDeflateOptions;
  readonly ofClient: PerMessageDeflateOptions;
}

export const agreements: fc.Arbitrary<Agreement> = fc.record({ ofServer: serverOptions, ofClient: clientOptions });

export function negotiate({ ofServer, ofClient }: Agreement) {
  const [server, client] = [permessageDeflate(ofServer), permessageDeflate(ofClient)];
  const answered = answerOffers([server], declareOffers([client]));
  const agreed = checkAnswer([client], declareAgreed(answered));
  if (typeof agreed === "string") throw new Error(agreed);
  const answer = new Map(answered[0]?.negotiated.params.map(({ name, value }) => [name, value]));
  return {
    pipelines: { server: openPipeline(answered, MAX_PAYLOAD), client: openPipeline(agreed, MAX_PAYLOAD) },
    /** How this side compresses by the answer and its own options; `null` where it does not. */
    termsOf: (role: "server" | "client", { level, memLevel, threshold }: PerMessageDeflateOptions): Terms | null =>
      answered.length === 0
        ? null
        : {
            windowBits: Number(answer.get(`${role}_max_window_bits`) ?? 15),
            takeover: !answer.has(`${role}_no_context_takeover`),
            threshold: threshold as number,
            level: level as number,
            memLevel: memLevel as number,
          },
  };
}

/** How one side compresses. */
export interface Terms {
  readonly windowBits: number;
  readonly takeover: boolean;
  readonly threshold: number;
  readonly level: number;
  readonly memLevel: number;
}

export interface Message {
  readonly data: Data;
  readonly compress: boolean | undefined;
}

export function stepsWith(stick: fc.Arbitrary<boolean>): fc.Arbitrary<Step[]> {
  const size = fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 100_000 }));
  return fc.array(fc.record({ size, turn: fc.boolean(), stick }), { minLength: 1, maxLength: 8 });
}

export const THE_END = "that was all";

/** How plain zlib reads one message after the other, with no larger window than was agreed. */
class PlainInflater {
  readonly #terms: Terms;
  #history = Buffer.alloc(0);

  constructor(terms: Terms) {
    this.#terms = terms;
  }

  inflate(payload: Buffer): Buffer {
    const { windowBits, takeover } = this.#terms;
    const dictionary = this.#history.length > 0 ? { dictionary: this.#history } : {};
    // zlib looks back into what it has put out at once even where that lies outside of the window: so it is little.
    const chunkSize = Math.max(64, 1 << (windowBits - 4));
    const options = { windowBits, chunkSize, finishFlush: constants.Z_SYNC_FLUSH, ...dictionary };
    const message = inflateRawSync(Buffer.concat([payload, TAIL]), options);
    if (takeover) this.#history = Buffer.concat([this.#history, message]).subarray(-(1 << windowBits));
    return message;
  }
}

/** Reads the bytes of one side by the standard alone, and compares them with the messages that it was given. */
export function checkWire({ role, transport }: Opened, messages: readonly Message[], terms: Terms | null): void {
  const frames = decodeFrames(transport.bytes);
  expect(frames.filter(({ opcode, rsv }) => opcode >= CLOSE && rsv !== 0)).toEqual([]);
  expect(frames.every(({ fin, masked }) => fin && masked === (role === "client"))).toBe(true);
  const dataFrames = frames.filter(({ opcode }) => opcode < CLOSE);
  expect(dataFrames).toHaveLength(messages.length);
  const inflater = terms === null ? null : new PlainInflater(terms);
  for (const [index, { opcode, rsv, payload }] of dataFrames.entries()) {
    const { data, compress } = messages[index] as Message;
    expect(opcode).toBe(typeof data === "string" ? TEXT : BINARY);
    const bytes = bytesOf(data);
    if (terms === null || inflater === null || !(compress ?? bytes.length >= terms.threshold)) {
      expect(rsv).toBe(0);
    } else if (rsv === 0) {
      const { level, memLevel, windowBits } = terms;
      const smaller = deflateRawSync(bytes, { level, memLevel, windowBits });
      expect(smaller.length).toBeGreaterThan(bytes.length / 2);
    }
    expect([0, RSV1]).toContain(rsv);
    const plain = rsv === 0 ? payload : (inflater?.inflate(payload) as Buffer);
    expect(digest(plain)).toBe(digest(bytes));
  }
}
