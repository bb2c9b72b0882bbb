/** What goes to and fro between Tautline and others. */
import { noise, wordy } from "../extensions/permessage-deflate/codecs.ts";

/** Each form of the length (RFC 6455 section 5.2), and large. */
export const SIZES = [0, 1, 125, 126, 65_535, 65_536, 1 << 20];

/** Bytes in which a lost, a doubled or a shifted one shows. */
export function bytesOf(size: number): Buffer {
  return Buffer.from(Uint8Array.from({ length: size }, (_, index) => (index * 31 + (index >> 8)) & 0xff));
}

/** Text of so many bytes, with characters of several lengths where they fit. */
export function textOf(size: number): string {
  const start = size >= 9 ? "é✓𝄞" : "";
  return start + "a".repeat(size - Buffer.byteLength(start));
}

const LONG = wordy(150_000, 3);

/** What compresses and what does not, in all sizes, again and again behind one another, and nothing at all. */
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

/** Sent again, it is next to nothing on the wire where the sender keeps its window, and all of it where not. */
export const REPEATED = noise(100, 7);
/** In bytes, with the header. */
export const NEXT_TO_NOTHING = 60;
