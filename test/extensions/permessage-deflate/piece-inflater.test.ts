/** PieceInflater and PieceDeflater: one message as its bytes come (RFC 7692 section 7.2). */
import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PieceDeflater } from "../../../src/extensions/permessage-deflate/piece-deflater.ts";
import { PieceInflater } from "../../../src/extensions/permessage-deflate/piece-inflater.ts";
import type { Violation } from "../../../src/framing/index.ts";
import { cutAt } from "../../support/frames.ts";
import { runs } from "../../support/runs.ts";

const TAIL = Buffer.from([0, 0, 0xff, 0xff]);
const PARAMETERS = { level: 1, memLevel: 8, windowBits: 15 };

/** What a message inflates to, and the window behind it. */
async function inflated(parts: readonly Buffer[], window: Buffer | null = null, maxPayload = Number.POSITIVE_INFINITY) {
  let after: Buffer | null = null;
  const inflater = new PieceInflater(window, 15, maxPayload, (last) => {
    after = last;
  });
  const pieces: Buffer[] = [];
  const read = async (): Promise<Violation | null> => {
    for (;;) {
      const result = await inflater.read();
      if (result === null) return null;
      if ("closeCode" in result) return result;
      pieces.push(Buffer.from(result));
    }
  };
  for (const part of parts) {
    if (part.length > 0) inflater.write(part);
    const violation = await read();
    if (violation !== null) return violation.code;
  }
  inflater.end();
  const violation = await read();
  inflater.close();
  return violation === null ? { message: Buffer.concat(pieces), window: after } : violation.code;
}

async function deflated(parts: readonly Uint8Array[]): Promise<Buffer[]> {
  const deflater = new PieceDeflater(PARAMETERS);
  const fragments: Buffer[] = [];
  for (const part of parts) if (part.length > 0) fragments.push(Buffer.from(await deflater.encode(part, false)));
  fragments.push(Buffer.from(await deflater.encode(Buffer.alloc(0), true)));
  deflater.close();
  return fragments;
}

const contents = fc.array(
  fc.oneof(
    fc.uint8Array({ maxLength: 50 }),
    fc.string().map((text) => Buffer.from(text.repeat(50))),
  ),
  {
    maxLength: 6,
  },
);

test("what was deflated in pieces is one message for any inflater, however it is cut", async () => {
  await fc.assert(
    fc.asyncProperty(contents, fc.array(fc.nat(2000)), async (parts, cuts) => {
      const message = Buffer.concat(parts);
      const payload = Buffer.concat(await deflated(parts));
      expect(inflateRawSync(Buffer.concat([payload, TAIL]), { finishFlush: constants.Z_SYNC_FLUSH })).toEqual(message);
      expect(await inflated(cutAt(payload, cuts))).toMatchObject({ message });
    }),
    { numRuns: runs(0.5) },
  );
});

test("each fragment can be inflated before the next one comes", async () => {
  const deflater = new PieceDeflater(PARAMETERS);
  const inflater = new PieceInflater(null, 15, 1000, () => {});
  for (const piece of ["first ", "second ", "third"]) {
    inflater.write(Buffer.from(await deflater.encode(Buffer.from(piece), false)));
    expect(String(await inflater.read())).toBe(piece);
    expect(await inflater.read()).toBe(null);
  }
  deflater.close();
  inflater.close();
});

describe("a message", () => {
  const deflate = (message: string, dictionary?: Buffer) =>
    deflateRawSync(message, { finishFlush: constants.Z_SYNC_FLUSH, ...(dictionary && { dictionary }) }).subarray(0, -4);

  test("may refer to the window, and leaves the one for the next", async () => {
    const window = Buffer.from("a sentence that was sent before");
    const payload = deflate("a sentence that was sent before!", window);
    expect(await inflated([payload], window)).toEqual({
      message: Buffer.from("a sentence that was sent before!"),
      window: Buffer.from("a sentence that was sent beforea sentence that was sent before!"),
    });
  });

  test("may be empty, with its byte or without", async () => {
    expect(await inflated([Buffer.from([0])])).toMatchObject({ message: Buffer.alloc(0) });
    expect(await inflated([])).toMatchObject({ message: Buffer.alloc(0) });
  });

  test("is as long as the limit, and not longer", async () => {
    const payload = deflate("x".repeat(1000));
    expect(await inflated([payload], null, 1000)).toMatchObject({ message: Buffer.alloc(1000, "x") });
    expect(await inflated([payload], null, 999)).toBe("MESSAGE_TOO_BIG");
  });

  test("with far more final blocks than bytes is rejected", async () => {
    const block = deflateRawSync("x", { finishFlush: constants.Z_FINISH });
    expect(await inflated([Buffer.concat(Array.from({ length: 40 }, () => block))])).toBe("DEFLATE_WASTEFUL");
  });
});
