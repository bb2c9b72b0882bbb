import { UTF8_ACCEPT, UTF8_REJECT, validateUtf8 } from "./utf8.ts";

const NOTHING = Buffer.alloc(0);

/** Joins a text from strings, which may be cut inside a surrogate pair, and from bytes, which may be cut inside a character. */
export class Utf8Joiner {
  /** The first half of a surrogate pair at the end of the last string. */
  #half = "";
  #state = UTF8_ACCEPT;

  /**
   * Takes the next piece.
   *
   * @returns its UTF-8, possibly in the memory of the piece; `null` if the bytes are not valid UTF-8. A surrogate without
   *   its other half becomes U+FFFD
   */
  push(piece: string | Uint8Array): Uint8Array | null {
    return typeof piece === "string" ? this.#pushText(piece) : this.#pushBytes(piece);
  }

  /** The text has ended. @returns as `push()` does */
  end(): Uint8Array | null {
    return this.#state === UTF8_ACCEPT ? this.#takeHalf() : null;
  }

  #pushText(piece: string): Uint8Array | null {
    if (piece === "") return NOTHING;
    if (this.#state !== UTF8_ACCEPT) return null;
    const text = this.#half + piece;
    const last = text.charCodeAt(text.length - 1);
    const isHalf = last >= 0xd800 && last < 0xdc00;
    this.#half = isHalf ? text.slice(-1) : "";
    return Buffer.from(isHalf ? text.slice(0, -1) : text);
  }

  #pushBytes(piece: Uint8Array): Uint8Array | null {
    if (piece.length === 0) return NOTHING;
    this.#state = validateUtf8(this.#state, piece, 0, piece.length);
    if (this.#state === UTF8_REJECT) return null;
    const half = this.#takeHalf();
    return half.length === 0 ? piece : Buffer.concat([half, piece]);
  }

  #takeHalf(): Buffer {
    const half = this.#half;
    this.#half = "";
    return half === "" ? NOTHING : Buffer.from(half);
  }
}
