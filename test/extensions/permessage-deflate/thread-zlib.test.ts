import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DeflateViolations } from "../../../src/extensions/permessage-deflate/deflate-violations.ts";
import {
  deflateInThread,
  type Inflated,
  inflateInThread,
} from "../../../src/extensions/permessage-deflate/thread-zlib.ts";
import { type Violation, Violations } from "../../../src/framing/violations.ts";
import { runs } from "../../support/runs.ts";
import { payloads } from "./arbitraries.ts";
import { MAX_PAYLOAD, wordy } from "./codecs.ts";

const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff]);
const PARAMETERS = { level: 1, memLevel: 8, windowBits: 15 };

const flushed = (message: Uint8Array, options = {}) =>
  deflateRawSync(message, { finishFlush: constants.Z_SYNC_FLUSH, ...options }).subarray(0, -4);

async function inflated(payload: Buffer, window: Buffer | null = null, windowBits = 15): Promise<Inflated> {
  const result = await inflateInThread(payload, window, windowBits, MAX_PAYLOAD);
  if ("section" in result) throw new Error(result.message);
  return result;
}

const violationOf = (payload: Buffer, maxPayload = MAX_PAYLOAD): Promise<Inflated | Violation> =>
  inflateInThread(payload, null, 15, maxPayload);

describe("deflateInThread", () => {
  test("RFC 7692 section 7.2.1: any message is compressed and flushed, without the last four bytes", async () => {
    await fc.assert(
      fc.asyncProperty(payloads, async (message) => {
        const payload = await deflateInThread(message, PARAMETERS);
        const whole = inflateRawSync(Buffer.concat([payload, TAIL]), { finishFlush: constants.Z_SYNC_FLUSH });
        expect(whole.equals(message)).toBe(true);
      }),
      { numRuns: runs(0.3) },
    );
  });

  test("parameters that zlib does not accept reject the promise", async () => {
    await expect(deflateInThread(wordy(10), { ...PARAMETERS, level: 99 })).rejects.toThrow(RangeError);
  });
});

describe("inflateInThread", () => {
  test("RFC 7692 section 7.2.2: any compressed message is inflated, and its end is the next window", async () => {
    await fc.assert(
      fc.asyncProperty(payloads, async (message) => {
        const { message: result, window } = await inflated(flushed(message));
        expect(result.equals(message)).toBe(true);
        expect(window.equals(Buffer.from(message).subarray(-32_768))).toBe(true);
      }),
      { numRuns: runs(0.3) },
    );
  });

  test("RFC 7692 section 7.2.2: a message may refer to the window of the earlier ones", async () => {
    const { window } = await inflated(flushed(wordy(3000)));
    const payload = flushed(wordy(3000), { dictionary: wordy(3000) });
    expect((await inflated(payload, window)).message).toEqual(wordy(3000));
    expect(await violationOf(payload)).toBe(DeflateViolations.DEFLATE_CORRUPT);
  });

  test("the next window has the size of the agreed one, and begins with the earlier messages", async () => {
    const window = Buffer.from("earlier");
    const { window: next } = await inflated(flushed(Buffer.from("later")), window);
    expect(next.toString()).toBe("earlierlater");
    expect((await inflated(flushed(wordy(3000), { windowBits: 9 }), null, 9)).window).toEqual(
      wordy(3000).subarray(-512),
    );
  });

  test("RFC 7692 section 7.2.1: a message may go on behind a final block and refer back across it", async () => {
    const rest = flushed(wordy(2000), { dictionary: wordy(2000) });
    const { message } = await inflated(Buffer.concat([deflateRawSync(wordy(2000)), rest]));
    expect(message).toEqual(Buffer.concat([wordy(2000), wordy(2000)]));
  });

  test("RFC 7692 section 7.2.2: a truncated message is corrupt", async () => {
    const payload = flushed(wordy(100_000));
    for (const length of [payload.length - 1, payload.length - 100, 50]) {
      expect(await violationOf(payload.subarray(0, length))).toBe(DeflateViolations.DEFLATE_CORRUPT);
    }
  });

  test("RFC 6455 section 10.4: a message longer than maxPayload is too big before it is inflated as a whole", async () => {
    expect(await violationOf(flushed(Buffer.alloc(50_000)), 50_000)).toMatchObject({ message: { length: 50_000 } });
    expect(await violationOf(flushed(Buffer.alloc(50_001)), 50_000)).toBe(Violations.MESSAGE_TOO_BIG);
    expect(await violationOf(flushed(Buffer.alloc(50_000_000)), 50_000)).toBe(Violations.MESSAGE_TOO_BIG);
  });

  test.each([
    ["empty stored blocks", Buffer.alloc(100_000, Buffer.from([0x00, 0x00, 0x00, 0xff, 0xff]))],
    ["empty final blocks", Buffer.alloc(10_000, Buffer.from([0x03, 0x00]))],
  ])("RFC 6455 section 10.4: %s, which produce no output, are wasteful", async (_, payload) => {
    expect(await violationOf(payload)).toBe(DeflateViolations.DEFLATE_WASTEFUL);
  });
});
