import { constants, deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { DeflateContexts } from "../../../src/extensions/permessage-deflate/deflate-contexts.ts";
import { codec, decoded, wordy } from "./codecs.ts";

const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");
const EMPTY_FINAL_BLOCK = hex("03 00");

/** A message that consists of final blocks (RFC 7692 section 7.2.3.4). */
function flushedByFinalBlocks(pieces: readonly Buffer[]): Buffer {
  return Buffer.concat([...pieces.map((piece) => deflateRawSync(piece)), Buffer.from([0])]);
}

describe.each([
  ["with zlib driven directly", {}],
  ["with the public API of zlib", { direct: false }],
])("an inflater, %s", (_name, limits) => {
  const to = () => codec({ contexts: new DeflateContexts(limits) });

  it("RFC 7692 section 7.2.1: a message may end with an empty stored block whose BFINAL is set", async () => {
    const end = to();
    const hello = Buffer.from("Hello");
    expect(await decoded(end, hex("f2 48 cd c9 c9 07 00 00 00 ff ff 01"))).toEqual(hello);
    expect(await decoded(end, hex("f2 00 11 00 00"))).toEqual(hello);
    expect(await decoded(end, hex("01"))).toEqual(Buffer.alloc(0));
    const long = Buffer.alloc(200_000, "long");
    const flushed = deflateRawSync(long, { finishFlush: constants.Z_SYNC_FLUSH });
    expect(long.equals((await decoded(end, Buffer.concat([flushed, hex("01")]))) as Buffer)).toBe(true);
  });

  it.each([4, 5, 9, 10, 13, 14])("a stored block that lacks %i bytes is corrupt, final or not", async (lacking) => {
    for (const first of [0x00, 0x01]) {
      for (const length of [5, 70_000 - 5]) {
        const header = Buffer.from([first, 0, 0, 0, 0]);
        header.writeUInt16LE((length + lacking) & 0xffff, 1);
        header.writeUInt16LE(~(length + lacking) & 0xffff, 3);
        const present = (length + lacking) & 0xffff;
        const payload = Buffer.concat([header, Buffer.alloc(present - lacking, 0x83)]);
        expect(await decoded(to(), payload)).toBe("DEFLATE_CORRUPT");
      }
    }
  });

  it("a message of many final blocks with content is inflated", async () => {
    const pieces = Array.from({ length: 300 }, (_, index) => wordy(200, index + 1));
    const message = await decoded(to(), flushedByFinalBlocks(pieces));
    expect(message).toEqual(Buffer.concat(pieces));
  });

  it.each([
    ["they come first", Buffer.alloc(120, EMPTY_FINAL_BLOCK)],
    [
      "a short block with much output comes between them",
      Buffer.alloc(60_000, Buffer.concat([deflateRawSync(Buffer.alloc(258)), Buffer.alloc(58, EMPTY_FINAL_BLOCK)])),
    ],
  ])("empty final blocks one after the other are wasteful, though %s", async (_what, blocks) => {
    expect(await decoded(to(), Buffer.concat([blocks, Buffer.from([0])]))).toBe("DEFLATE_WASTEFUL");
  });
});
