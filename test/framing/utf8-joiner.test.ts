import fc from "fast-check";
import { expect, test } from "vitest";
import { Utf8Joiner } from "../../src/framing/index.ts";
import { cutAt, isWholeUtf8, wellFormed } from "../support/frames.ts";
import { RUNS } from "../support/runs.ts";

function joined(pieces: readonly (string | Uint8Array)[]): Buffer | null {
  const joiner = new Utf8Joiner();
  const parts: Uint8Array[] = [];
  for (const piece of pieces) {
    const part = joiner.push(piece);
    if (part === null) return null;
    parts.push(Buffer.from(part));
  }
  const rest = joiner.end();
  return rest === null ? null : Buffer.concat([...parts, rest]);
}

test("strings that are cut anywhere, also inside surrogate pairs, join to the text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 40 }), fc.array(fc.nat(60)), (text, places) => {
      const cuts = [...new Set(places.map((place) => place % (text.length + 1)))].sort((a, b) => a - b);
      const pieces = [0, ...cuts].map((from, index) => text.slice(from, cuts[index] ?? text.length));
      expect(joined(pieces)?.toString("utf8")).toBe(wellFormed(text));
    }),
    { numRuns: RUNS },
  );
});

test("bytes that are cut anywhere join to the same bytes, and are rejected if they are no valid UTF-8", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 12 }),
        fc.string({ unit: "grapheme" }).map((text) => Buffer.from(text)),
      ),
      fc.array(fc.nat(20)),
      (bytes, places) => {
        const result = joined(cutAt(bytes, places));
        expect(result).toEqual(isWholeUtf8(bytes) ? Buffer.from(bytes) : null);
      },
    ),
    { numRuns: RUNS * 2 },
  );
});

test("a lone surrogate becomes U+FFFD, before bytes and at the end", () => {
  expect(String(joined(["a\ud800", Buffer.from("b")]))).toBe("a\ufffdb");
  expect(String(joined(["a\ud800"]))).toBe("a\ufffd");
});

test("a string cannot follow half a character of bytes", () => {
  expect(joined([Buffer.from([0xe2]), "a"])).toBe(null);
});
