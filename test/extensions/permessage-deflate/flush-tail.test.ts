import { constants, createInflateRaw, deflateRawSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { DirectZlib } from "../../../src/extensions/permessage-deflate/direct-zlib.ts";
import {
  FLUSH_TAIL_LENGTH,
  LEFT_OF_TAIL_AND_BLOCK,
  LEFT_OF_TAIL_AND_END,
  TAIL_AND_BLOCK,
  TAIL_AND_END,
} from "../../../src/extensions/permessage-deflate/flush-tail.ts";
import { wordy } from "./codecs.ts";

const FLUSHED = deflateRawSync(wordy(300), { finishFlush: constants.Z_SYNC_FLUSH });

test("RFC 7692 section 7.2.1: a flush ends with the four bytes that a message leaves out", () => {
  const tail = Buffer.from([0x00, 0x00, 0xff, 0xff]);
  expect(FLUSHED.subarray(-FLUSH_TAIL_LENGTH)).toEqual(tail);
  expect(TAIL_AND_BLOCK.subarray(0, FLUSH_TAIL_LENGTH)).toEqual(tail);
  expect(TAIL_AND_END.subarray(0, FLUSH_TAIL_LENGTH)).toEqual(tail);
});

describe("a message without its last bytes", () => {
  /** Inflates a payload and then `TAIL_AND_BLOCK`. @returns whether the signs are those of a whole message */
  function looksWhole(payload: Buffer): boolean {
    const zlib = DirectZlib.inflate(15);
    const output = Buffer.alloc(4096);
    try {
      zlib.run(constants.Z_SYNC_FLUSH, payload, 0, payload.length, output, 0);
      const more = zlib.run(constants.Z_BLOCK, TAIL_AND_BLOCK, 0, TAIL_AND_BLOCK.length, output, 0);
      return !zlib.failed && more === 0 && zlib.inputLeft === LEFT_OF_TAIL_AND_BLOCK;
    } finally {
      zlib.close();
    }
  }

  /** Inflates a payload and `TAIL_AND_END` as a stream. @returns the bytes that are left unread, -1 after an error */
  function unreadByStream(payload: Buffer): Promise<number> {
    const input = Buffer.concat([payload, TAIL_AND_END]);
    const stream = createInflateRaw();
    return new Promise((resolve) => {
      stream.on("error", () => resolve(-1));
      stream.on("end", () => resolve(input.length - stream.bytesWritten));
      stream.resume();
      stream.end(input);
    });
  }

  const whole = FLUSHED.subarray(0, -FLUSH_TAIL_LENGTH);

  test("RFC 7692 section 7.2.2: zlib leaves LEFT_OF_TAIL_AND_BLOCK bytes unread behind a whole message only", () => {
    expect(looksWhole(whole)).toBe(true);
    const accepted = Array.from({ length: whole.length - 1 }, (_, index) => index + 1).filter((length) =>
      looksWhole(whole.subarray(0, length)),
    );
    expect(accepted).toEqual([]);
  });

  test("RFC 7692 section 7.2.2: a stream leaves LEFT_OF_TAIL_AND_END bytes unread behind a whole message", async () => {
    expect(await unreadByStream(whole)).toBe(LEFT_OF_TAIL_AND_END);
  });
});
