import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TextCutter } from "../../src/framing/index.ts";
import { canBecomeUtf8, cutAt, wellFormed } from "../support/frames.ts";
import { RUNS } from "../support/runs.ts";

const texts = fc.string({ unit: "grapheme", maxLength: 60 });
const places = fc.array(fc.nat(300), { maxLength: 12 });

test("however a text is cut into ranges, its parts are whole characters and join to the text", () => {
  fc.assert(
    fc.property(texts, places, (text, cuts) => {
      const cutter = new TextCutter();
      const parts = cutAt(Buffer.from(text), cuts).map((bytes) =>
        cutter.push(bytes, 0, bytes.length)?.toString("utf8"),
      );
      expect(parts.join("")).toBe(Buffer.from(text).toString("utf8"));
      for (const part of parts) expect(part).toBe(wellFormed(part ?? ""));
      expect(cutter.isWhole).toBe(true);
    }),
    { numRuns: RUNS },
  );
});

test("bytes are rejected in the range in which they cannot become a valid text any more, and not before", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 12 }), places, (bytes, cuts) => {
      const cutter = new TextCutter();
      let read = Buffer.alloc(0);
      for (const range of cutAt(bytes, cuts)) {
        read = Buffer.concat([read, range]);
        const isValid = cutter.push(range, 0, range.length) !== null;
        expect(isValid).toBe(canBecomeUtf8(read));
        if (!isValid) return;
      }
    }),
    { numRuns: RUNS * 3 },
  );
});

describe("a character in several ranges", () => {
  test("comes with the range in which it becomes whole", () => {
    const cutter = new TextCutter();
    const bytes = Buffer.from("😀!");
    const parts = [...bytes].map((_, at) => String(cutter.push(bytes, at, at + 1)));
    expect(parts).toEqual(["", "", "", "😀", "!"]);
  });

  test("keeps the text from being whole until then", () => {
    const cutter = new TextCutter();
    cutter.push(Buffer.from("a\u00e9").subarray(0, 2), 0, 2);
    expect(cutter.isWhole).toBe(false);
  });
});
