import { constants, inflateRawSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { CodecConfig } from "../../../src/extensions/permessage-deflate/codec-config.ts";
import { DeflateContexts } from "../../../src/extensions/permessage-deflate/deflate-contexts.ts";
import { MessageDeflater } from "../../../src/extensions/permessage-deflate/message-deflater.ts";
import { TurnBudget } from "../../../src/extensions/permessage-deflate/turn-budget.ts";
import { noise, PLAIN_CONFIG, wordy } from "./codecs.ts";

const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff]);

function deflater(contexts: DeflateContexts, config: Partial<CodecConfig> = {}): MessageDeflater {
  return new MessageDeflater({ ...PLAIN_CONFIG, ...config }, contexts);
}

const inflatedAlone = (payload: Uint8Array) =>
  inflateRawSync(Buffer.concat([payload, TAIL]), { finishFlush: constants.Z_SYNC_FLUSH });

async function deflated(by: MessageDeflater, message: Uint8Array): Promise<Uint8Array> {
  const payload = await by.encode(message, {});
  if (payload === null) throw new Error("the message was not compressed");
  return payload;
}

describe("a message deflater", () => {
  test("RFC 7692 section 7.2.1: without context takeover each message MUST start with an empty window", async () => {
    const contexts = new DeflateContexts();
    const by = deflater(contexts, { encodeTakeover: false });
    for (const message of [wordy(1000), wordy(1000), wordy(100_000), wordy(1000)]) {
      expect(inflatedAlone(await deflated(by, message)).equals(message)).toBe(true);
    }
  });

  test("with context takeover a message refers to the one before, and not behind forget()", async () => {
    const by = deflater(new DeflateContexts());
    const first = await deflated(by, wordy(1000));
    expect((await deflated(by, wordy(1000))).length).toBeLessThan(first.length / 10);
    by.forget();
    expect(await deflated(by, wordy(1000))).toEqual(first);
  });

  test("a message after an eviction starts with an empty window", async () => {
    const contexts = new DeflateContexts({ maxDeflaters: 1 });
    const [by, other] = [deflater(contexts), deflater(contexts)];
    await deflated(by, wordy(1000));
    await deflated(other, wordy(1000));
    expect(inflatedAlone(await deflated(by, wordy(1000)))).toEqual(wordy(1000));
    expect(contexts.statistics.deflaters.evictions).toBe(2);
  });

  test("a message after one that was compressed in threads starts with an empty window", async () => {
    const by = deflater(new DeflateContexts());
    await deflated(by, wordy(1000));
    await deflated(by, wordy(100_000));
    expect(inflatedAlone(await deflated(by, wordy(1000)))).toEqual(wordy(1000));
  });

  test("a long message that would not become shorter is sent uncompressed, and the next one starts empty", async () => {
    const by = deflater(new DeflateContexts());
    const first = await deflated(by, wordy(1000));
    expect(await by.encode(noise(40_000), {})).toBeNull();
    expect(inflatedAlone(await deflated(by, wordy(1000)))).toEqual(wordy(1000));
    expect(first.length).toBeGreaterThan(0);
  });

  test("a short message that would not become shorter is compressed, to keep the history", async () => {
    const by = deflater(new DeflateContexts());
    const first = await deflated(by, wordy(1000));
    await deflated(by, noise(200));
    expect((await deflated(by, wordy(1000))).length).toBeLessThan(first.length / 10);
  });

  test("close() gives the context back", async () => {
    const contexts = new DeflateContexts();
    const by = deflater(contexts);
    await deflated(by, wordy(1000));
    by.close();
    await deflated(deflater(contexts), wordy(1000));
    expect(contexts.statistics.deflaters).toMatchObject({ size: 1, misses: 2, evictions: 0 });
  });

  test("close() rejects a message that waits for budget", async () => {
    const by = deflater(new DeflateContexts({ deflating: new TurnBudget(1) }));
    await deflated(by, wordy(1000));
    const waiting = by.encode(wordy(1000), {});
    by.close();
    await expect(waiting).rejects.toThrow("the connection closed before its message was processed");
  });

  test("all deflaters of one configuration have the same shared encoder, whatever the peer compresses with", () => {
    const contexts = new DeflateContexts();
    const { sharedEncoder } = deflater(contexts);
    expect(deflater(contexts, { decodeWindowBits: 9, encodeTakeover: false }).sharedEncoder).toBe(sharedEncoder);
    expect(deflater(contexts, { encodeWindowBits: 9 }).sharedEncoder).not.toBe(sharedEncoder);
  });
});
