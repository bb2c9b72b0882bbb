import type { CodecConfig } from "../../../src/extensions/permessage-deflate/codec-config.ts";
import { DeflateCodec } from "../../../src/extensions/permessage-deflate/deflate-codec.ts";
import { type ContextOptions, DeflateContexts } from "../../../src/extensions/permessage-deflate/deflate-contexts.ts";
import { TurnBudget } from "../../../src/extensions/permessage-deflate/turn-budget.ts";
import { Opcode } from "../../../src/framing/index.ts";

export const MAX_PAYLOAD = 1 << 20;

export const PLAIN_CONFIG: CodecConfig = {
  level: 3,
  memLevel: 8,
  threshold: 0,
  encodeWindowBits: 15,
  encodeTakeover: true,
  decodeWindowBits: 15,
  decodeTakeover: true,
};

export interface CodecSetup {
  readonly config?: Partial<CodecConfig>;
  readonly maxPayload?: number;
  readonly contexts?: DeflateContexts;
}

export function codec({ config = {}, maxPayload = MAX_PAYLOAD, contexts }: CodecSetup = {}): DeflateCodec {
  return new DeflateCodec({ ...PLAIN_CONFIG, ...config }, maxPayload, contexts ?? new DeflateContexts());
}

/** Contexts that inflate and deflate one message per turn of the event loop. */
export const oneInATurn = (): ContextOptions => ({ inflating: new TurnBudget(1), deflating: new TurnBudget(1) });

/** The payload that is sent for the message; `null` if it is sent uncompressed. */
export async function encoded(from: DeflateCodec, message: Uint8Array, compress?: boolean): Promise<Buffer | null> {
  const result = await from.encode(message, Opcode.Binary, { compress });
  return result === null ? null : Buffer.from(result);
}

/** The message, or the code of the rule that it violates. */
export async function decoded(by: DeflateCodec, payload: Uint8Array): Promise<Buffer | string> {
  const answer = by.decode(Buffer.from(payload), Opcode.Binary);
  const result = answer instanceof Promise ? await answer : answer;
  return "section" in result ? result.code : Buffer.from(result);
}

/** Sends a message from one to the other. */
export async function passed(from: DeflateCodec, to: DeflateCodec, message: Uint8Array): Promise<Buffer | string> {
  const payload = await encoded(from, message);
  return payload === null ? Buffer.from(message) : decoded(to, payload);
}

/** Bytes that compress as text does: words from a small vocabulary. */
export function wordy(length: number, seed = 1): Buffer {
  let state = seed;
  const words: string[] = [];
  for (let size = 0; size <= length; size += (words.at(-1)?.length ?? 0) + 1) {
    state = (state * 1_103_515_245 + 12_345) & 0x7fff_ffff;
    words.push(`word${(state >>> 8) % 5000}`);
  }
  return Buffer.from(words.join(" ")).subarray(0, length);
}

/** Bytes that do not compress. */
export function noise(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed | 1;
  for (let at = 0; at < length; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[at] = state & 0xff;
  }
  return bytes;
}
