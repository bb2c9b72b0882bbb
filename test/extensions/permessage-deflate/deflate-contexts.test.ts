import { afterEach, describe, expect, it } from "vitest";
import {
  deflateStatistics,
  limitDeflateContexts,
  processContexts,
} from "../../../src/extensions/permessage-deflate/deflate-contexts.ts";
import { codec, decoded, encoded, wordy } from "./codecs.ts";

const limits = () => {
  const { deflaters, inflaters } = deflateStatistics();
  return [deflaters.limit, inflaters.limit];
};

describe("the contexts of the process", () => {
  afterEach(() => limitDeflateContexts({ maxDeflaters: 128, maxInflaters: 128 }));

  it("the process may hold 128 contexts in each direction by default", () => {
    expect(limits()).toEqual([128, 128]);
  });

  it("limitDeflateContexts() sets the given limits and keeps the others", () => {
    limitDeflateContexts({ maxDeflaters: 7 });
    expect(limits()).toEqual([7, 128]);
    limitDeflateContexts({ maxInflaters: 9 });
    expect(limits()).toEqual([7, 9]);
    limitDeflateContexts({});
    expect(limits()).toEqual([7, 9]);
  });

  it.each([0, -1, 1.5, Number.NaN, "8"])("limitDeflateContexts() throws for the limit %s and changes none", (limit) => {
    expect(() => limitDeflateContexts({ maxDeflaters: 5, maxInflaters: limit as number })).toThrow(/maxInflaters/);
    expect(limits()).toEqual([128, 128]);
  });

  it("deflateStatistics() counts hits and misses", async () => {
    const before = deflateStatistics();
    const own = codec({ contexts: processContexts });
    for (let round = 0; round < 3; round++) {
      const payload = await encoded(own, wordy(300, round));
      expect(await decoded(own, payload as Buffer)).toEqual(wordy(300, round));
    }
    const { deflaters, inflaters } = deflateStatistics();
    expect([deflaters.hits - before.deflaters.hits, deflaters.misses - before.deflaters.misses]).toEqual([2, 1]);
    expect([inflaters.hits - before.inflaters.hits, inflaters.misses - before.inflaters.misses]).toEqual([2, 1]);
    own.close();
  });
});
