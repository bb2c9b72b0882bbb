/** The messages that Tautline and its peers exchange. */
import { noise, wordy } from "../extensions/permessage-deflate/codecs.ts";

/** One size for each form of the length (RFC 6455 section 5.2), and a large one. */
export const SIZES = [0, 1, 125, 126, 65_535, 65_536, 1 << 20];

/** Bytes in which a lost, duplicate or shifted byte shows. */
export function bytesOf(size: number): Buffer {
  return Buffer.from(Uint8Array.from({ length: size }, (_, index) => (index * 31 + (index >> 8)) & 0xff));
}

/** Text of so many bytes, with characters of several lengths if they fit. */
export function textOf(size: number): string {
  const start = size >= 9 ? "é✓𝄞" : "";
  return start + "a".repeat(size - Buffer.byteLength(start));
}

const LONG = wordy(150_000, 3);

/** Messages of all sizes that compress well or badly, several times in a row, and empty ones. */
export const MIXED: readonly (string | Buffer)[] = [
  "héllo ✓ 𝄞",
  Buffer.from([0, 1, 2, 255]),
  "",
  wordy(3000).toString(),
  wordy(3000),
  Buffer.alloc(0),
  LONG.toString(),
  wordy(3000),
  LONG.subarray(-5000),
  noise(40_000),
  wordy(3000),
  Buffer.alloc(70_000, "ab"),
  "",
  "héllo ✓ 𝄞",
];

/** If it is sent again, it takes few bytes if the sender keeps its window, and all of them if it does not. */
export const REPEATED = noise(100, 7);
/** In bytes, with the header. */
export const NEXT_TO_NOTHING = 60;
