import type { SendOptions } from "../extension.ts";
import type { CodecConfig } from "./codec-config.ts";
import type { DeflateParameters } from "./direct-zlib.ts";

/** What of a connection's configuration decides how a message is compressed that nothing comes before. */
export type DeflateConfig = Pick<CodecConfig, "level" | "memLevel" | "threshold" | "encodeWindowBits">;

/**
 * Messages up to this many bytes are compressed with a small window: it stays in the processor's caches, takes half of
 * the memory, and what repeats in short messages lies near. A longer message makes the connection's window a large one.
 */
export const SHORT_MESSAGE = 2048;
const SHORT_MESSAGE_WINDOW_BITS = 13;
const SHORT_MESSAGE_MEM_LEVEL = 6;

/** The longest messages that are compressed at once, in bytes: half a millisecond's work. Longer ones take threads. */
const LONGEST_AT_ONCE = 65_536;
const LONGEST_AT_ONCE_SLOW_LEVELS = 24_576;
const SLOW_FROM_LEVEL = 4;

/**
 * zlib cannot write raw DEFLATE with a window of 2^8 bytes. With 2^9 it never reaches back further than 512 - 262 =
 * 250 bytes (MIN_LOOKAHEAD), so that serves both.
 */
const SMALLEST_WINDOW_BITS = 9;

/** zlib's native code counts the bytes of its input in 32 bits. */
const LONGEST_INPUT = 0xffff_ffff;

/** The cost of compressing a byte, in the unit of `TurnBudget`; the second one from `SLOW_FROM_LEVEL` on. */
const WORK_PER_BYTE = 8;
const WORK_PER_BYTE_SLOW_LEVELS = 20;

/** Whether a message is to be compressed: as `send()` was told, otherwise by its length; an empty one never is. */
export function isToBeDeflated({ length }: Uint8Array, options: SendOptions, { threshold }: DeflateConfig): boolean {
  return length > 0 && length <= LONGEST_INPUT && (options.compress ?? length >= threshold);
}

/** The cost of compressing a message synchronously. */
export function workToDeflate({ length }: Uint8Array, { level }: DeflateConfig): number {
  return length * (level < SLOW_FROM_LEVEL ? WORK_PER_BYTE : WORK_PER_BYTE_SLOW_LEVELS);
}

/** Whether a message takes so long to compress that the event loop is not to wait for it. */
export function takesThreads({ length }: Uint8Array, { level }: DeflateConfig): boolean {
  return length > (level < SLOW_FROM_LEVEL ? LONGEST_AT_ONCE : LONGEST_AT_ONCE_SLOW_LEVELS);
}

/** What zlib is to compress a long message with, and one whose length is not known. */
export function longMessageParameters({ level, memLevel, encodeWindowBits }: DeflateConfig): DeflateParameters {
  return { level, memLevel, windowBits: Math.max(SMALLEST_WINDOW_BITS, encodeWindowBits) };
}

/** What zlib is to compress a message with. */
export function parametersFor({ length }: Uint8Array, config: DeflateConfig): DeflateParameters {
  const long = longMessageParameters(config);
  if (length > SHORT_MESSAGE) return long;
  const { level, memLevel, windowBits } = long;
  return {
    level,
    memLevel: Math.min(SHORT_MESSAGE_MEM_LEVEL, memLevel),
    windowBits: Math.min(SHORT_MESSAGE_WINDOW_BITS, windowBits),
  };
}
