/** Two messages: the second one refers back as far as DEFLATE can. */
import { deflateRawSync } from "node:zlib";
import { noise } from "./codecs.ts";

/** Writes DEFLATE bit by bit (RFC 1951 section 3.1.1): numbers with the lowest bit first, codes with the highest. */
class BitWriter {
  #bits = "";

  number(value: number, width: number): this {
    this.#bits += [...value.toString(2).padStart(width, "0")].reverse().join("");
    return this;
  }

  code(value: number, width: number): this {
    this.#bits += value.toString(2).padStart(width, "0");
    return this;
  }

  get bytes(): Buffer {
    const bytes = this.#bits.match(/.{1,8}/g) ?? [];
    return Buffer.from(bytes.map((byte) => Number.parseInt([...byte].reverse().join(""), 2)));
  }
}

/** A message of the first 258 of the 32,768 bytes before it. zlib never refers back that far. */
export const FROM_AFAR = new BitWriter()
  .number(0, 1) // BFINAL
  .number(1, 2) // BTYPE: fixed codes
  .code(0b1100_0101, 8) // a length of 258
  .code(29, 5) // a distance from 24,577 on
  .number(32_768 - 24_577, 13)
  .code(0, 7) // the end of the block
  .number(0, 3).bytes; // an empty block without compression begins

export const FAR = noise(32_768);
/** Stored blocks, and the header of an empty one. */
export const FAR_PAYLOAD = Buffer.concat([deflateRawSync(FAR, { level: 0 }), Buffer.from([0])]);
