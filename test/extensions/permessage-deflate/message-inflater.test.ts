import { deflateRawSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { DeflateContexts } from "../../../src/extensions/permessage-deflate/deflate-contexts.ts";
import { codec, decoded, noise, oneInATurn, wordy } from "./codecs.ts";
import { FAR, FAR_PAYLOAD, FROM_AFAR } from "./far-reference.ts";

describe.each([
  ["with zlib driven directly", {}],
  ["with a context that is evicted by each message of another connection", { maxInflaters: 1 }],
  ["with one message per turn", oneInATurn()],
  ["with the public API of zlib", { direct: false }],
])("an inflater, %s", (_name, limits) => {
  test("RFC 7692 section 7.2.2: without max_window_bits a receiver MUST use a window of 32,768 bytes, across messages", async () => {
    const contexts = new DeflateContexts(limits);
    const [to, other] = [codec({ contexts }), codec({ contexts })];
    expect((await decoded(to, FAR_PAYLOAD)).toString("hex")).toBe(FAR.toString("hex"));
    expect(await decoded(other, Buffer.from([0]))).toEqual(Buffer.alloc(0));
    expect(await decoded(to, FROM_AFAR)).toEqual(FAR.subarray(0, 258));
    // The window has moved on by these.
    expect(await decoded(to, FROM_AFAR)).toEqual(FAR.subarray(258, 516));
  });

  test("a message that refers to the messages of another connection is corrupt", async () => {
    const contexts = new DeflateContexts({ ...limits, maxInflaters: 1 });
    const secret = wordy(300);
    const packed = deflateRawSync(secret);
    const reference = deflateRawSync(secret, { dictionary: secret });
    const [one, spy, alone] = [
      codec({ contexts }),
      codec({ contexts }),
      codec({ contexts, config: { decodeTakeover: false } }),
    ];
    expect(await decoded(one, packed)).toEqual(secret);
    expect(await decoded(spy, reference)).toBe("DEFLATE_CORRUPT");
    expect(await decoded(one, packed)).toEqual(secret);
    one.close();
    expect(await decoded(alone, reference)).toBe("DEFLATE_CORRUPT");
    // It must not refer to its own earlier message either: no context takeover was agreed.
    expect(await decoded(alone, packed)).toEqual(secret);
    expect(await decoded(alone, reference)).toBe("DEFLATE_CORRUPT");
  });

  test.each([8, 9, 12])(
    "a message that refers further back than an agreed window of 2^%i bytes is corrupt",
    async (decodeWindowBits) => {
      const contexts = new DeflateContexts(limits);
      const to = codec({ contexts, config: { decodeWindowBits } });
      const message = noise(3 << decodeWindowBits);
      const repeated = message.subarray(0, 100);
      expect(await decoded(to, deflateRawSync(message))).toEqual(message);
      expect(await decoded(to, deflateRawSync(repeated, { dictionary: message }))).toBe("DEFLATE_CORRUPT");
    },
  );
});
