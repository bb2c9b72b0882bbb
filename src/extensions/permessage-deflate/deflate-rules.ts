import type { SendOptions } from "../extension.ts";
import type { CodecConfig } from "./codec-config.ts";
import type { DeflateParameters } from "./direct-zlib.ts";

/** The part of a configuration that decides how a message is compressed without history. */
export type DeflateConfig = Pick<CodecConfig, "level" | "memLevel" | "threshold" | "encodeWindowBits">;

/**
 * Messages up to this many bytes are compressed with a small window. It stays in the caches of the processor and takes
 * half of the memory, and short messages repeat themselves at short distances (decision 6). A longer message switches
 * its connection to the agreed window.
 */
export const SHORT_MESSAGE = 2048;
const SHORT_MESSAGE_WINDOW_BITS = 13;
const SHORT_MESSAGE_MEM_LEVEL = 6;

/**
 * The longest message that is compressed synchronously, in bytes: about half a millisecond. Longer ones take threads.
 */
const LONGEST_SYNCHRONOUS = 65_536;
/** The same from `SLOW_FROM_LEVEL` on. */
const LONGEST_SYNCHRONOUS_SLOW_LEVELS = 24_576;
const SLOW_FROM_LEVEL = 4;

/**
 * zlib cannot write raw DEFLATE with a window of 2^8 bytes. With 2^9 bytes it refers back at most 512 - 262 = 250 bytes
 * (MIN_LOOKAHEAD), which also fits into a window of 2^8.
 */
const SMALLEST_WINDOW_BITS = 9;

/** zlib counts the bytes of its input in 32 bits. */
const LONGEST_INPUT = 0xffff_ffff;

/** The cost of compressing a byte, in the unit of `TurnBudget`. */
const WORK_PER_BYTE = 8;
/** The same from `SLOW_FROM_LEVEL` on. */
const WORK_PER_BYTE_SLOW_LEVELS = 20;

/** Whether to compress a message: as the options of `send()` say, otherwise by its length. An empty one never is. */
export function isToBeDeflated({ length }: Uint8Array, options: SendOptions, { threshold }: DeflateConfig): boolean {
  return length > 0 && length <= LONGEST_INPUT && (options.compress ?? length >= threshold);
}

/** The cost of compressing a message synchronously. */
export function workToDeflate({ length }: Uint8Array, { level }: DeflateConfig): number {
  return length * (level < SLOW_FROM_LEVEL ? WORK_PER_BYTE : WORK_PER_BYTE_SLOW_LEVELS);
}

/** Whether a message takes too long to be compressed on the event loop. */
export function takesThreads({ length }: Uint8Array, { level }: DeflateConfig): boolean {
  return length > (level < SLOW_FROM_LEVEL ? LONGEST_SYNCHRONOUS : LONGEST_SYNCHRONOUS_SLOW_LEVELS);
}

/** The parameters of zlib for a long message, and for one of unknown length. */
export function longMessageParameters({ level, memLevel, encodeWindowBits }: DeflateConfig): DeflateParameters {
  return { level, memLevel, windowBits: Math.max(SMALLEST_WINDOW_BITS, encodeWindowBits) };
}

/** The parameters of zlib for a message. */
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
