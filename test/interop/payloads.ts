/** What goes to and fro between Tautline and others: each form of the length (RFC 6455 section 5.2), and large. */
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
