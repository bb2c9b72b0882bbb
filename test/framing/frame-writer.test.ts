import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { headerSize, textFrameRoom, writeFrame, writeHeader, writeTextFrame } from "../../src/framing/index.ts";
import { BINARY, decodeFrame, EXAMPLE_KEY, frame, guarded, TEXT, wellFormed } from "../support/frames.ts";
import { runs } from "../support/runs.ts";
import { maskKeys, pattern, textPattern } from "./arbitraries.ts";

const FIN = 0x80;
const KEYS = [null, EXAMPLE_KEY, [0x00, 0x80, 0xff, 0x7f]] as const;

function asNumber(key: readonly number[] | null): number | null {
  return key === null ? null : Buffer.from(key).readInt32LE(0);
}

/** Writes into a target of exactly that room behind its offset. @returns the written bytes */
function written(room: number, write: (target: Buffer, at: number) => number): Buffer {
  const at = 5;
  const { bytes, intact } = guarded(Buffer.alloc(at + room, 0xa5), 3);
  const end = write(bytes, at);
  if (!intact() || bytes.subarray(0, at).some((byte) => byte !== 0xa5)) throw new Error("wrote outside its room");
  if (bytes.subarray(end).some((byte) => byte !== 0xa5)) throw new Error("wrote past its end");
  return bytes.subarray(at, end);
}

function header(first: number, length: number, key: readonly number[] | null): Buffer {
  return written(headerSize(length, key !== null), (target, at) =>
    writeHeader(target, at, first, length, asNumber(key)),
  );
}

function naiveHeader(opcode: number, length: number, mask: readonly number[] | null): Buffer {
  return frame({ opcode, declaredLength: length, mask });
}

const LENGTHS = [0, 1, 124, 125, 126, 127, 65_534, 65_535, 65_536, 65_537, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1];

describe("writeHeader", () => {
  for (const key of KEYS) {
    it(`RFC 6455 section 5.2: each length is written in the fewest bytes, in network byte order, ${key === null ? "unmasked" : `with the key ${key}`}`, () => {
      for (const length of [...LENGTHS, Number.MAX_SAFE_INTEGER]) {
        expect(header(FIN | BINARY, length, key).toString("hex")).toBe(
          naiveHeader(BINARY, length, key).toString("hex"),
        );
      }
    });
  }

  it("RFC 6455 section 5.3: a masked header has its mask bit set and carries the key, a key of zeros as well", () => {
    expect(header(FIN | TEXT, 5, [0, 0, 0, 0]).toString("hex")).toBe("818500000000");
    expect(header(FIN | TEXT, 5, EXAMPLE_KEY).toString("hex")).toBe("818537fa213d");
  });

  it("RFC 6455 section 5.1: a header without a key has no mask bit", () => {
    for (const length of LENGTHS) expect((header(FIN | TEXT, length, null)[1] as number) < 128).toBe(true);
    expect(header(FIN | TEXT, 5, null).toString("hex")).toBe("8105");
  });

  it("RFC 6455 section 5.2: a header carries FIN, the reserved bits and the opcode as given", () => {
    for (let first = 0; first < 256; first++) expect(header(first, 0, null)[0]).toBe(first);
  });
});

describe("writeFrame", () => {
  it("RFC 6455 section 5.7: writeFrame() writes the examples", () => {
    const hello = Buffer.from("Hello");
    expect(written(7, (target, at) => writeFrame(target, at, 0x81, hello, null)).toString("hex")).toBe(
      "810548656c6c6f",
    );
    expect(
      written(11, (target, at) => writeFrame(target, at, 0x81, hello, asNumber(EXAMPLE_KEY))).toString("hex"),
    ).toBe("818537fa213d7f9f4d5158");
    const kilobytes = written(65_536 + 10, (target, at) => writeFrame(target, at, 0x82, Buffer.alloc(65_536), null));
    expect(kilobytes.toString("hex", 0, 10)).toBe("827f0000000000010000");
  });

  it("RFC 6455 section 5.3: writeFrame() writes the bytes of the naive builder, in the room of header and payload", () => {
    const sizes = fc.oneof(fc.nat({ max: 140 }), fc.constantFrom(47, 48, 49, 63, 64, 65, 125, 126, 65_535, 65_536));
    fc.assert(
      fc.property(sizes, fc.nat(), fc.option(maskKeys, { nil: null }), (length, seed, mask) => {
        const payload = pattern(length, seed);
        const room = headerSize(length, mask !== null) + length;
        const bytes = written(room, (target, at) => writeFrame(target, at, FIN | BINARY, payload, asNumber(mask)));
        expect(bytes.equals(frame({ opcode: BINARY, payload, mask }))).toBe(true);
        expect(payload.equals(pattern(length, seed))).toBe(true);
      }),
      { numRuns: runs(1) },
    );
  });

  it("writeFrame() accepts a plain Uint8Array", () => {
    const bytes = written(104, (target, at) => writeFrame(target, at, 0x82, new Uint8Array(100).fill(7), null));
    expect(bytes.subarray(2).equals(Buffer.alloc(100, 7))).toBe(true);
  });
});

function writtenText(text: string, mask: readonly number[] | null): Buffer {
  return written(textFrameRoom(text, mask !== null), (target, at) =>
    writeTextFrame(target, at, FIN | TEXT, text, asNumber(mask)),
  );
}

describe("writeTextFrame", () => {
  /** Texts of that many UTF-16 code units, of which some or all take two or three bytes of UTF-8. */
  function textsOf(units: number): string[] {
    const texts = ["a".repeat(units)];
    for (const wide of [1, 2, 3, 10, units]) {
      if (wide > units) continue;
      texts.push("é".repeat(wide) + "a".repeat(units - wide), "a".repeat(units - wide) + "€".repeat(wide));
    }
    if (units >= 2) texts.push(`${"a".repeat(units - 2)}😀`);
    return texts;
  }

  const UNITS = [0, 1, 2, 40, 41, 42, 47, 48, 49, 62, 63, 64, 120, 123, 124, 125, 126, 127, 128];
  const LONG_UNITS = [21_845, 21_846, 32_767, 32_768, 65_533, 65_534, 65_535, 65_536, 65_537];

  it("RFC 6455 section 5.2: a text is written with the fewest bytes of length, even if its UTF-8 needs a longer header than its code units", () => {
    for (const mask of [null, EXAMPLE_KEY]) {
      for (const text of [...UNITS, ...LONG_UNITS].flatMap(textsOf)) {
        const bytes = writtenText(text, mask);
        if (!bytes.equals(frame({ opcode: TEXT, payload: text, mask }))) {
          expect.fail(`wrong for ${text.length} units, ${Buffer.byteLength(text)} bytes, mask ${mask}`);
        }
      }
    }
  });

  it("RFC 6455 section 5.6: a lone surrogate is written as U+FFFD, so that the text is valid UTF-8", () => {
    for (const text of ["\ud800", "a\udfffb", "\udc00\ud800", `${"x".repeat(60)}\ud83d`, `\ud83d${"é".repeat(60)}`]) {
      const sent = decodeFrame(writtenText(text, null))?.payload as Buffer;
      expect(sent.toString("utf8")).toBe(wellFormed(text));
    }
  });

  it("writeTextFrame() writes the bytes of the naive builder for any text and key, within textFrameRoom()", () => {
    const texts = fc.oneof(
      fc.string({ unit: "binary", maxLength: 150 }),
      fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)), maxLength: 150 }),
      fc.tuple(fc.nat({ max: 400 }), fc.nat()).map(([size, seed]) => textPattern(size, seed)),
    );
    fc.assert(
      fc.property(texts, fc.option(maskKeys, { nil: null }), (text, mask) => {
        expect(writtenText(text, mask).equals(frame({ opcode: TEXT, payload: text, mask }))).toBe(true);
      }),
      { numRuns: runs(2) },
    );
  });

  it("textFrameRoom() is exact for a text of three bytes per code unit", () => {
    for (const units of [0, 41, 42, 21_845, 21_846]) {
      for (const mask of [null, EXAMPLE_KEY]) {
        const text = "€".repeat(units);
        expect(writtenText(text, mask)).toHaveLength(textFrameRoom(text, mask !== null));
      }
    }
  });
});
