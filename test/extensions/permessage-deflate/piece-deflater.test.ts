import { constants, inflateRawSync } from "node:zlib";
import { expect, onTestFinished, test, vi } from "vitest";
import { PieceDeflater } from "../../../src/extensions/permessage-deflate/piece-deflater.ts";

const PARAMETERS = { level: 6, memLevel: 8, windowBits: 9 };
const TAIL = Buffer.from([0, 0, 0xff, 0xff]);

function inflated(payload: Buffer): string {
  return inflateRawSync(Buffer.concat([payload, TAIL]), {
    finishFlush: constants.Z_SYNC_FLUSH,
    windowBits: 9,
  }).toString();
}

test("RFC 7692 section 7.2.1: the last four bytes of the last flush are left out, and those between pieces are not", async () => {
  const deflater = new PieceDeflater(PARAMETERS);
  const fragments = [
    Buffer.from(await deflater.encode(Buffer.from("one "), false)),
    Buffer.from(await deflater.encode(Buffer.from("two"), true)),
  ];
  expect(fragments[0]?.subarray(-4)).not.toEqual(TAIL);
  expect(fragments[1]?.subarray(0, 4)).toEqual(TAIL);
  expect(inflated(Buffer.concat(fragments))).toBe("one two");
});

test("an empty end after a piece is an empty fragment, and a message without any byte is one byte", async () => {
  const deflater = new PieceDeflater(PARAMETERS);
  const first = Buffer.from(await deflater.encode(Buffer.from("one"), false));
  expect(await deflater.encode(Buffer.alloc(0), true)).toEqual(Buffer.alloc(0));
  expect(inflated(first)).toBe("one");
  deflater.close();
  const empty = new PieceDeflater(PARAMETERS);
  expect(inflated(Buffer.from(await empty.encode(Buffer.alloc(0), true)))).toBe("");
  empty.close();
});

test("a message is compressed to its end though an application has replaced the timers", async () => {
  vi.useFakeTimers({ toFake: ["setImmediate"] });
  onTestFinished(() => void vi.useRealTimers());
  const deflater = new PieceDeflater(PARAMETERS);
  const fragment = Buffer.from(await deflater.encode(Buffer.from("one"), true));
  expect(inflated(fragment)).toBe("one");
});
