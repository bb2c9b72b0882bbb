import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeUtf8, UTF8_ACCEPT, UTF8_REJECT, validateUtf8 } from "../../src/framing/index.ts";
import { decodeValidUtf8, encodeUtf8 } from "../../src/framing/utf8.ts";
import { byteByByte, canBecomeUtf8, cutAt, guarded, isWholeUtf8 } from "../support/frames.ts";
import { runs } from "../support/runs.ts";
import { pattern, textPattern } from "./arbitraries.ts";

function validatePieces(pieces: readonly Buffer[]): number {
  return pieces.reduce(
    (state, piece) => (state === UTF8_REJECT ? state : validateUtf8(state, piece, 0, piece.length)),
    UTF8_ACCEPT,
  );
}

type Verdict = "whole" | "begun" | "bad";

function verdict(state: number): Verdict {
  if (state === UTF8_ACCEPT) return "whole";
  return state === UTF8_REJECT ? "bad" : "begun";
}

function naiveVerdict(bytes: Uint8Array): Verdict {
  if (isWholeUtf8(bytes)) return "whole";
  return canBecomeUtf8(bytes) ? "begun" : "bad";
}

/** Text with up to two wrong bytes, sometimes truncated. It may be long enough for the native check. */
const nearlyText = fc
  .record({
    size: fc.oneof(fc.nat({ max: 12 }), fc.nat({ max: 300 })),
    seed: fc.nat(),
    edits: fc.array(fc.tuple(fc.nat({ max: 400 }), fc.nat({ max: 255 })), { maxLength: 2 }),
    lost: fc.nat({ max: 3 }),
  })
  .map(({ size, seed, edits, lost }) => {
    const bytes = Buffer.from(textPattern(size, seed));
    for (const [at, byte] of edits) if (bytes.length > 0) bytes[at % bytes.length] = byte;
    return bytes.subarray(0, Math.max(0, bytes.length - lost));
  });

const anyBytes = fc.oneof(
  nearlyText,
  fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes)),
  // Bytes at the bounds of the ranges.
  fc
    .array(fc.constantFrom(0x41, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc1, 0xc2, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5), {
      maxLength: 6,
    })
    .map((bytes) => Buffer.from(bytes)),
);

describe("validateUtf8", () => {
  it("RFC 6455 section 8.1: validateUtf8() agrees with TextDecoder on every pair of bytes, and on longer sequences at every bound", () => {
    const bounds = [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc2, 0xe0, 0xff];
    const everyByte = Array.from({ length: 256 }, (_, byte) => byte);
    const wrong: string[] = [];
    let begun = [[]] as number[][];
    for (const next of [everyByte, everyByte, bounds, bounds]) {
      const longer = begun.flatMap((prefix) => next.map((byte) => [...prefix, byte]));
      begun = [];
      for (const sequence of longer) {
        const bytes = Buffer.from(sequence);
        const expected = naiveVerdict(bytes);
        if (verdict(validateUtf8(UTF8_ACCEPT, bytes, 0, bytes.length)) !== expected) wrong.push(bytes.toString("hex"));
        if (expected === "begun" && (sequence.length < 2 || bounds.includes(sequence[1] as number)))
          begun.push(sequence);
      }
    }
    expect(wrong).toEqual([]);
  });

  it("RFC 6455 section 8.1: validateUtf8() rejects a text at its first invalid byte", () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        let state = UTF8_ACCEPT;
        for (let end = 1; end <= bytes.length; end++) {
          state = validateUtf8(state, bytes, end - 1, end);
          if (verdict(state) !== naiveVerdict(bytes.subarray(0, end))) return false;
          if (state === UTF8_REJECT) return true;
        }
        return true;
      }),
      { numRuns: runs(6) },
    );
  });

  it("validateUtf8() gives the same result however the bytes are split", () => {
    fc.assert(
      fc.property(anyBytes, fc.array(fc.nat({ max: 400 }), { maxLength: 5 }), (bytes, cuts) => {
        const expected = naiveVerdict(bytes);
        return (
          verdict(validatePieces([bytes])) === expected &&
          verdict(validatePieces(cutAt(bytes, cuts))) === expected &&
          verdict(validatePieces(byteByByte(bytes))) === expected
        );
      }),
      { numRuns: runs(6) },
    );
  });

  it("validateUtf8() accepts long texts of characters of one to four bytes, split at every byte", () => {
    for (const character of ["a", "é", "€", "😀"]) {
      for (const ending of ["", "a", "é", "€", "😀"]) {
        const bytes = Buffer.from(character.repeat(60) + ending);
        for (let cut = 0; cut <= bytes.length; cut++) {
          const state = validateUtf8(UTF8_ACCEPT, bytes, 0, cut);
          if (verdict(state) !== naiveVerdict(bytes.subarray(0, cut))) expect.fail(`at ${cut} of ${bytes.toString()}`);
          if (validateUtf8(state, bytes, cut, bytes.length) !== UTF8_ACCEPT) expect.fail(`from ${cut}`);
        }
      }
    }
  });

  it("validateUtf8() finds one wrong byte anywhere in a long text", () => {
    for (const text of ["a".repeat(70), "é".repeat(35), "€".repeat(24), "😀".repeat(18)]) {
      for (const bad of [0x80, 0xc0, 0xff, 0xe2, 0x41]) {
        const valid = Buffer.from(text);
        for (let at = 0; at < valid.length; at++) {
          const bytes = Buffer.from(valid);
          bytes[at] = bad;
          if (verdict(validateUtf8(UTF8_ACCEPT, bytes, 0, bytes.length)) !== naiveVerdict(bytes)) {
            expect.fail(`${bad.toString(16)} at ${at} of ${text}`);
          }
        }
      }
    }
  });

  it("validateUtf8() reads only the given range", () => {
    fc.assert(
      fc.property(
        nearlyText,
        fc.uint8Array({ maxLength: 5 }),
        fc.uint8Array({ maxLength: 5 }),
        (bytes, before, after) => {
          const all = Buffer.concat([before, bytes, after]);
          const end = before.length + bytes.length;
          return verdict(validateUtf8(UTF8_ACCEPT, all, before.length, end)) === naiveVerdict(bytes);
        },
      ),
      { numRuns: runs(3) },
    );
  });
});

describe("decodeUtf8", () => {
  it("RFC 6455 section 8.1: decodeUtf8() gives the text of TextDecoder, and null if that throws", () => {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const { bytes: between } = guarded(bytes, 1);
        const expected = isWholeUtf8(bytes) ? decoder.decode(bytes) : null;
        return decodeUtf8(between, 0, between.length) === expected;
      }),
      { numRuns: runs(10) },
    );
  });

  it("decodeUtf8() keeps a byte order mark and NUL", () => {
    const text = "\ufeffa\0b";
    expect(decodeUtf8(Buffer.from(text), 0, Buffer.byteLength(text))).toBe(text);
  });

  it("decodeUtf8() decodes only the given range, short or long, ASCII or not", () => {
    for (const text of ["", "short", "é", "a".repeat(48), "a".repeat(49), "é".repeat(24), "€uro".repeat(40)]) {
      const bytes = Buffer.from(`\u00e9${text}\u20ac`);
      expect(decodeUtf8(bytes, 2, bytes.length - 3)).toBe(text);
    }
  });

  it("decodeUtf8() returns null for random bytes", () => {
    for (let seed = 0; seed < 50; seed++) expect(decodeUtf8(pattern(200, seed), 0, 200)).toBe(null);
  });
});

describe("decodeValidUtf8", () => {
  it("decodeValidUtf8() decodes ASCII and other text", () => {
    for (const text of ["", "ASCII", "a".repeat(5000), `${"a".repeat(5000)}\u00e9\ud83d\ude00`, "\ufeff\0"]) {
      expect(decodeValidUtf8(Buffer.from(text))).toBe(text);
    }
  });
});

describe("encodeUtf8", () => {
  it("encodeUtf8() gives the bytes of Buffer.from(), with U+FFFD for each lone surrogate", () => {
    const texts = fc.oneof(
      fc.string({ unit: "binary", maxLength: 40 }),
      fc.tuple(fc.nat({ max: 3000 }), fc.nat()).map(([size, seed]) => textPattern(size, seed)),
      fc
        .array(fc.constantFrom("a", "\u00e9", "\u4e00", "\ud83d\ude00", "\ud83d", "\ude00"), { maxLength: 60 })
        .map((all) => all.join("")),
    );
    fc.assert(
      fc.property(texts, (text) => encodeUtf8(text).equals(Buffer.from(text, "utf8"))),
      { numRuns: runs(3) },
    );
  });

  it("encodeUtf8() allocates at most an eighth more than the length of a text of mostly ASCII", () => {
    const bytes = encodeUtf8(`${"a".repeat(100_000)}\u00e9`);
    expect(bytes.length).toBe(100_002);
    expect(bytes.buffer.byteLength).toBeLessThan(113_000);
  });
});
