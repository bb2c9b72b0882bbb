import { describe, expect, it } from "vitest";
import type { CodecConfig } from "../../../src/extensions/permessage-deflate/codec-config.ts";
import { DeflateContexts } from "../../../src/extensions/permessage-deflate/deflate-contexts.ts";
import { Opcode } from "../../../src/framing/index.ts";
import { codec, decoded, encoded, noise, oneInATurn, PLAIN_CONFIG, wordy } from "./codecs.ts";

async function shared(from: ReturnType<typeof codec>, message: Uint8Array, compress?: boolean): Promise<Buffer | null> {
  const result = await from.sharedEncoder.encode(message, Opcode.Binary, { compress });
  return result === null ? null : Buffer.from(result);
}

describe("the shared encoder", () => {
  it("all connections that compress with the same parameters have the same shared encoder", () => {
    const contexts = new DeflateContexts();
    const one = codec({ contexts }).sharedEncoder;
    for (const config of [{}, { encodeTakeover: false }, { decodeWindowBits: 9 }, { decodeTakeover: false }]) {
      expect(codec({ contexts, config }).sharedEncoder).toBe(one);
    }
  });

  it.each<Partial<CodecConfig>>([{ level: 4 }, { memLevel: 7 }, { threshold: 1 }, { encodeWindowBits: 14 }])(
    "RFC 7692 section 7.2.1: a connection with %j has another shared encoder",
    (config) => {
      const contexts = new DeflateContexts();
      expect(codec({ contexts, config }).sharedEncoder).not.toBe(codec({ contexts }).sharedEncoder);
    },
  );
});

describe.each([
  ["with zlib driven directly", {}],
  ["with a context that is evicted by each message of another connection", { maxDeflaters: 1, maxInflaters: 1 }],
  ["with one message per turn", oneInATurn()],
  ["with the public API of zlib", { direct: false }],
])("the shared encoder, %s", (_name, limits) => {
  it.each([200, 5000, 100_000])(
    "the compressed form of a message of %i bytes does not depend on earlier messages",
    async (length) => {
      const contexts = new DeflateContexts(limits);
      const [one, other] = [codec({ contexts }), codec({ contexts })];
      const message = wordy(length);
      const first = await shared(one, message);
      await encoded(one, message);
      await shared(one, wordy(length, 2));
      expect(await shared(one, message)).toEqual(first);
      expect(await shared(other, message)).toEqual(first);
      expect(await decoded(codec({ contexts }), first as Buffer)).toEqual(message);
    },
  );

  it("RFC 7692 section 7.2.1: after a shared message a connection does not refer back across it", async () => {
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

  it("the shared encoder leaves a message uncompressed below the threshold, with compress: false, or if it would not become shorter", async () => {
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

it("the shared encoder gives its context back after each message", async () => {
  const contexts = new DeflateContexts();
  const all = Array.from({ length: 10 }, () => codec({ contexts }));
  for (const from of all) await shared(from, wordy(500));
  expect(contexts.statistics.deflaters).toMatchObject({ size: 1, evictions: 0 });
});

it("a shared message is compressed even if the connection that sends it closes", async () => {
  const contexts = new DeflateContexts();
  const from = codec({ contexts, config: PLAIN_CONFIG });
  const encoding = shared(from, wordy(100_000));
  from.close();
  expect(await encoding).not.toBeNull();
});
