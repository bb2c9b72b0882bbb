import { describe, expect, test } from "vitest";
import {
  type DeflateConfig,
  isToBeDeflated,
  parametersFor,
  SHORT_MESSAGE,
  takesThreads,
  workToDeflate,
} from "../../../src/extensions/permessage-deflate/deflate-rules.ts";

const CONFIG: DeflateConfig = { level: 1, memLevel: 8, threshold: 128, encodeWindowBits: 15 };
/** The rules read nothing but the length. */
const message = (length: number) => ({ length }) as Uint8Array;

describe("isToBeDeflated", () => {
  test("a message is compressed from the threshold on", () => {
    expect([127, 128].map((length) => isToBeDeflated(message(length), {}, CONFIG))).toEqual([false, true]);
  });

  test("the option compress overrides the threshold", () => {
    expect(isToBeDeflated(message(1), { compress: true }, CONFIG)).toBe(true);
    expect(isToBeDeflated(message(1000), { compress: false }, CONFIG)).toBe(false);
    expect(isToBeDeflated(message(1000), { compress: undefined }, CONFIG)).toBe(true);
  });

  test("an empty message is never compressed", () => {
    expect(isToBeDeflated(message(0), { compress: true }, { ...CONFIG, threshold: 0 })).toBe(false);
  });

  test("a message of 4 GiB, more than zlib can count, is never compressed", () => {
    expect(isToBeDeflated(message(2 ** 32 - 1), {}, CONFIG)).toBe(true);
    expect(isToBeDeflated(message(2 ** 32), { compress: true }, CONFIG)).toBe(false);
  });
});

describe("takesThreads", () => {
  test.each([
    [3, 65_536],
    [4, 24_576],
  ])("at level %i messages of more than %i bytes are compressed in threads", (level, longest) => {
    expect(takesThreads(message(longest), { ...CONFIG, level })).toBe(false);
    expect(takesThreads(message(longest + 1), { ...CONFIG, level })).toBe(true);
  });
});

describe("workToDeflate", () => {
  test("the work is proportional to the length, and greater from level 4 on", () => {
    const work = (length: number, level: number) => workToDeflate(message(length), { ...CONFIG, level });
    expect(work(2000, 1)).toBe(2 * work(1000, 1));
    expect(work(1000, 3)).toBe(work(1000, 0));
    expect(work(1000, 4)).toBeGreaterThan(work(1000, 3));
    expect(work(1000, 9)).toBe(work(1000, 4));
  });
});

describe("parametersFor", () => {
  test("a short message gets a small window and little memory", () => {
    expect(parametersFor(message(SHORT_MESSAGE), CONFIG)).toEqual({ level: 1, memLevel: 6, windowBits: 13 });
    expect(parametersFor(message(SHORT_MESSAGE + 1), CONFIG)).toEqual({ level: 1, memLevel: 8, windowBits: 15 });
  });

  test("RFC 7692 section 7.2.1: no window is larger than agreed, but for one of 2^8 bytes", () => {
    for (const length of [1, SHORT_MESSAGE, SHORT_MESSAGE + 1, 100_000]) {
      for (let encodeWindowBits = 8; encodeWindowBits <= 15; encodeWindowBits++) {
        const { windowBits } = parametersFor(message(length), { ...CONFIG, encodeWindowBits });
        expect(windowBits).toBeLessThanOrEqual(Math.max(9, encodeWindowBits));
      }
    }
  });

  test("zlib gets a window of 2^9 bytes for an agreed one of 2^8", () => {
    expect(parametersFor(message(5000), { ...CONFIG, encodeWindowBits: 8 }).windowBits).toBe(9);
  });

  test("memLevel is never more than configured", () => {
    expect(parametersFor(message(10), { ...CONFIG, memLevel: 2 }).memLevel).toBe(2);
  });
});
