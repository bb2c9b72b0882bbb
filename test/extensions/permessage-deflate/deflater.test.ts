import { constants, inflateRawSync } from "node:zlib";
import { afterEach, describe, expect, test, vi } from "vitest";
import { Deflater } from "../../../src/extensions/permessage-deflate/deflater.ts";
import { DirectZlib } from "../../../src/extensions/permessage-deflate/direct-zlib.ts";
import { noise, wordy } from "./codecs.ts";

const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff]);
const open: Deflater[] = [];

function deflater(): Deflater {
  const made = new Deflater({ level: 1, memLevel: 8, windowBits: 15 });
  open.push(made);
  return made;
}

const inflated = (...payloads: readonly (Buffer | null)[]) =>
  inflateRawSync(Buffer.concat(payloads.flatMap((payload) => [payload as Buffer, TAIL])), {
    finishFlush: constants.Z_SYNC_FLUSH,
  });

afterEach(() => {
  vi.restoreAllMocks();
  for (const each of open.splice(0)) each.close();
});

describe("a deflater", () => {
  test("RFC 7692 section 7.2.1: a message is compressed and flushed, without the last four bytes", () => {
    const payload = deflater().deflate(wordy(1000));
    expect(payload?.subarray(-4)).not.toEqual(TAIL);
    expect(inflated(payload)).toEqual(wordy(1000));
  });

  test("a message refers to the earlier ones until forget()", () => {
    const one = deflater();
    const [first, second] = [one.deflate(wordy(1000)), one.deflate(wordy(1000))];
    expect(inflated(first, second)).toEqual(Buffer.concat([wordy(1000), wordy(1000)]));
    expect(second?.length).toBeLessThan((first?.length as number) / 10);
    one.forget();
    expect(one.deflate(wordy(1000))).toEqual(first);
  });

  test("results do not change while later messages are compressed", () => {
    const [one, other] = [deflater(), deflater()];
    const results: (Buffer | null)[] = [];
    const copies: Buffer[] = [];
    for (let seed = 1; seed < 100; seed++) {
      const result = (seed % 2 === 0 ? one : other).deflate(wordy(3000, seed));
      results.push(result);
      copies.push(Buffer.from(result as Buffer));
    }
    expect(results).toEqual(copies);
  });

  test("a message that becomes longer by more than its margin gives null, and resets the history", () => {
    const one = deflater();
    const first = one.deflate(wordy(1000));
    // zlib stores noise in blocks of at most 64 KiB, each with a header of five bytes.
    expect(one.deflate(noise(1 << 20))).toBeNull();
    expect(one.deflate(wordy(1000))).toEqual(first);
  });

  test("a failure of zlib throws and leaves the deflater broken", () => {
    const one = deflater();
    vi.spyOn(DirectZlib.prototype, "run").mockImplementationOnce(function fail(this: DirectZlib) {
      this.failed = true;
      return 0;
    });
    expect(one.isBroken).toBe(false);
    expect(() => one.deflate(wordy(100))).toThrow("zlib could not compress a message");
    expect(one.isBroken).toBe(true);
  });
});
