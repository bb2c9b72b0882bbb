import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { maskInPlace, rotateKey } from "../../src/framing/index.ts";
import { READ_BUFFER } from "../../src/framing/masking-memory.ts";
import { EXAMPLE_KEY, guarded, maskNaively } from "../support/frames.ts";
import { runs } from "../support/runs.ts";
import { maskKeys, pattern } from "./arbitraries.ts";

/** The key as the code holds it: the first octet is the lowest byte. */
function asNumber(key: readonly number[]): number {
  return Buffer.from(key).readInt32LE(0);
}

const KEY = [0x01, 0x82, 0x7f, 0xfe];

/** The memory that sockets read into, where WebAssembly masks, and any other memory. */
const MEMORY = [
  {
    where: "the memory that sockets read into",
    memory: (length: number) => READ_BUFFER.subarray(0, length),
    max: 65_000,
  },
  { where: "any other memory", memory: undefined, max: 140_000 },
];

describe.each(MEMORY)("maskInPlace in $where", ({ memory, max }) => {
  const placed = (content: Uint8Array, offset: number) => guarded(content, offset, 64, memory);

  it("RFC 6455 section 5.3: octet i is XORed with octet i MOD 4 of the key, at every alignment and length up to 400", () => {
    for (let offset = 0; offset < 8; offset++) {
      for (let length = 0; length <= 400; length++) {
        const content = pattern(length, length + offset);
        const { bytes, intact } = placed(content, offset);
        maskInPlace(bytes, 0, length, asNumber(KEY));
        if (!bytes.equals(maskNaively(content, KEY))) expect.fail(`wrong at offset ${offset}, length ${length}`);
        if (!intact()) expect.fail(`wrote outside at offset ${offset}, length ${length}`);
      }
    }
  });

  it("maskInPlace() changes only the bytes from start to end, at every alignment and length up to 80", () => {
    for (let start = 0; start < 8; start++) {
      for (let length = 0; length <= 80; length++) {
        const content = pattern(100, start);
        const { bytes } = placed(content, 1);
        maskInPlace(bytes, start, start + length, asNumber(KEY));
        const expected = Buffer.concat([
          content.subarray(0, start),
          maskNaively(content.subarray(start, start + length), KEY),
          content.subarray(start + length),
        ]);
        if (!bytes.equals(expected)) expect.fail(`wrong from ${start}, length ${length}`);
      }
    }
  });

  it("maskInPlace() agrees with the naive mask for any key, alignment and length, and changes no other bytes", () => {
    fc.assert(
      fc.property(maskKeys, fc.nat({ max: 7 }), fc.nat({ max }), fc.nat(), (key, offset, length, seed) => {
        const content = pattern(length, seed);
        const { bytes, intact } = placed(content, offset);
        maskInPlace(bytes, 0, length, asNumber(key));
        return bytes.equals(maskNaively(content, key)) && intact();
      }),
      { numRuns: runs(0.6) },
    );
  });

  it("maskInPlace() returns the key for the next octet, so that any split gives the same bytes", () => {
    fc.assert(
      fc.property(
        maskKeys,
        fc.nat({ max: 7 }),
        fc.nat({ max: 600 }),
        fc.array(fc.nat({ max: 600 }), { maxLength: 8 }),
        (key, offset, length, cuts) => {
          const content = pattern(length, 7);
          const { bytes } = placed(content, offset);
          const ends = [...cuts.map((cut) => cut % (length + 1)).sort((a, b) => a - b), length];
          let at = 0;
          let rotated = asNumber(key);
          for (const end of ends) {
            rotated = maskInPlace(bytes, at, end, rotated);
            at = end;
          }
          return bytes.equals(maskNaively(content, key));
        },
      ),
      { numRuns: runs(3) },
    );
  });

  it("RFC 6455 section 5.3: masking twice with the same key gives the original bytes", () => {
    const content = pattern(1001, 3);
    const { bytes } = placed(content, 3);
    maskInPlace(bytes, 0, bytes.length, asNumber(KEY));
    expect(bytes.equals(content)).toBe(false);
    maskInPlace(bytes, 0, bytes.length, asNumber(KEY));
    expect(bytes.equals(content)).toBe(true);
  });
});

describe("maskInPlace", () => {
  it("RFC 6455 section 5.7: maskInPlace() gives the bytes of the example", () => {
    const bytes = Buffer.from("Hello");
    maskInPlace(bytes, 0, 5, asNumber(EXAMPLE_KEY));
    expect(bytes.toString("hex")).toBe("7f9f4d5158");
  });

  it("maskInPlace() accepts a plain Uint8Array and an unsigned key", () => {
    const bytes = new Uint8Array(100);
    maskInPlace(bytes, 0, 100, 0xfefdfcfb);
    expect(Buffer.from(bytes).equals(maskNaively(Buffer.alloc(100), [0xfb, 0xfc, 0xfd, 0xfe]))).toBe(true);
  });
});

describe("rotateKey", () => {
  it("rotateKey() rotates the key by any number of octets", () => {
    const key = [0x11, 0x92, 0x73, 0xf4];
    for (let count = 0; count < 40; count++) {
      const rotated = key.map((_, octet) => key[(octet + count) % 4] as number);
      expect(rotateKey(asNumber(key), count) | 0).toBe(asNumber(rotated));
    }
  });
});
