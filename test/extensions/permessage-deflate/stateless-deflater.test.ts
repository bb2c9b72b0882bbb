import { describe, expect, it } from "vitest";
import type { CodecConfig } from "../../../src/extensions/permessage-deflate/codec-config.ts";
import { DeflateContexts } from "../../../src/extensions/permessage-deflate/deflate-contexts.ts";
import { Opcode } from "../../../src/framing/index.ts";
import { codec, decoded, encoded, noise, oneInATurn, PLAIN_CONFIG, wordy } from "./codecs.ts";

async function shared(from: ReturnType<typeof codec>, message: Uint8Array, compress?: boolean): Promise<Buffer | null> {
  const result = await from.sharedEncoder.encode(message, Opcode.Binary, { compress });
  return result === null ? null : Buffer.from(result);
}

describe("what a message is compressed with for many connections", () => {
  it("is one for all with the same configuration, whatever else they have agreed on", () => {
    const contexts = new DeflateContexts();
    const one = codec({ contexts }).sharedEncoder;
    for (const config of [{}, { encodeTakeover: false }, { decodeWindowBits: 9 }, { decodeTakeover: false }]) {
      expect(codec({ contexts, config }).sharedEncoder).toBe(one);
    }
  });

  it.each<Partial<CodecConfig>>([{ level: 4 }, { memLevel: 7 }, { threshold: 1 }, { encodeWindowBits: 14 }])(
    "RFC 7692 section 7.2.1: is another one with %j",
    (config) => {
      const contexts = new DeflateContexts();
      expect(codec({ contexts, config }).sharedEncoder).not.toBe(codec({ contexts }).sharedEncoder);
    },
  );
});

describe.each([
  ["driven directly", {}],
  ["with contexts that are taken away all the time", { maxDeflaters: 1, maxInflaters: 1 }],
  ["with one message in a turn", oneInATurn()],
  ["by public zlib alone", { direct: false }],
])("compressed for many, %s", (_name, limits) => {
  it.each([200, 5000, 100_000])("a message of %i bytes depends on nothing that went before", async (length) => {
    const contexts = new DeflateContexts(limits);
    const [one, other] = [codec({ contexts }), codec({ contexts })];
    const message = wordy(length);
    const first = await shared(one, message);
    await encoded(one, message);
    await shared(one, wordy(length, 2));
    expect(await shared(one, message)).toEqual(first);
    expect(await shared(other, message)).toEqual(first);
    expect(await decoded(codec({ contexts }), first as Buffer)).toEqual(message);
  });

  it("RFC 7692 section 7.2.1: a connection that sends it refers to nothing before it afterwards", async () => {
    const contexts = new DeflateContexts(limits);
    const from = codec({ contexts });
    const to = codec({ contexts });
    const [own, all] = [wordy(1000), wordy(1500, 2)];
    for (let round = 0; round < 3; round++) {
      expect(await decoded(to, (await encoded(from, own)) as Buffer)).toEqual(own);
      const payload = (await shared(from, all)) as Buffer;
      from.onShared();
      expect(await decoded(to, payload)).toEqual(all);
    }
  });

  it("what is not to be compressed, or gets no shorter, is left as it is", async () => {
    const contexts = new DeflateContexts(limits);
    const from = codec({ contexts, config: { threshold: 1000 } });
    expect(await shared(from, wordy(999))).toBeNull();
    expect(await shared(from, wordy(1000), false)).toBeNull();
    expect(await shared(from, Buffer.alloc(0), true)).toBeNull();
    expect(await shared(from, noise(5000))).toBeNull();
    expect(await shared(from, noise(100_000))).toBeNull();
    expect(await shared(from, wordy(999), true)).not.toBeNull();
  });
});

it("takes no context away for longer than a message", async () => {
  const contexts = new DeflateContexts();
  const all = Array.from({ length: 10 }, () => codec({ contexts }));
  for (const from of all) await shared(from, wordy(500));
  expect(contexts.statistics.deflaters).toMatchObject({ size: 1, evictions: 0 });
});

it("is asked whether the message is wanted by nobody: who sends it may close", async () => {
  const contexts = new DeflateContexts();
  const from = codec({ contexts, config: PLAIN_CONFIG });
  const encoding = shared(from, wordy(100_000));
  from.close();
  expect(await encoding).not.toBeNull();
});
