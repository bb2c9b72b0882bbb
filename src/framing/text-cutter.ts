import { UTF8_ACCEPT, UTF8_REJECT, validateUtf8 } from "./utf8.ts";

const NOTHING = Buffer.alloc(0);

/** Whether the byte is not the first one of its character. */
function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

/**
 * Cuts a text that arrives in ranges of bytes between its characters: no part ends inside a character, and so none of
 * its strings inside a surrogate pair. UTF-8 is checked byte by byte as it comes (RFC 6455 section 8.1).
 */
export class TextCutter {
  #state = UTF8_ACCEPT;
  /** The bytes of a character whose other bytes are still to come. */
  #held: Buffer = NOTHING;

  /** Whether the text may end here. */
  get isWhole(): boolean {
    return this.#state === UTF8_ACCEPT;
  }

  /**
   * Takes further bytes.
   *
   * @returns the characters that are whole now, as UTF-8, to be read before the range changes; `null` as soon as a byte
   *   cannot belong to a valid text
   */
  push(bytes: Buffer, start: number, end: number): Buffer | null {
    this.#state = validateUtf8(this.#state, bytes, start, end);
    if (this.#state === UTF8_REJECT) return null;
    const boundary = this.#state === UTF8_ACCEPT ? end : this.#lastBoundary(bytes, start, end);
    const characters = this.#joined(bytes.subarray(start, boundary), boundary > start);
    if (boundary < end) this.#held = Buffer.concat([this.#held, bytes.subarray(boundary, end)]);
    return characters;
  }

  /** Where the character begins that is not whole; `start` if that was before the range. */
  #lastBoundary(bytes: Buffer, start: number, end: number): number {
    let at = end - 1;
    while (at > start && isContinuation(bytes[at] as number)) at--;
    return at;
  }

  #joined(range: Buffer, isCharacterWhole: boolean): Buffer {
    if (!isCharacterWhole) return NOTHING;
    const held = this.#held;
    this.#held = NOTHING;
    return held.length === 0 ? range : Buffer.concat([held, range]);
  }
}
