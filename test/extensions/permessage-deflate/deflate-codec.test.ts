import { constants, createInflateRaw, deflateRawSync, inflateRawSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { DeflateContexts } from "../../../src/extensions/permessage-deflate/deflate-contexts.ts";
import { DirectZlib, directZlibWorks } from "../../../src/extensions/permessage-deflate/direct-zlib.ts";
import { Opcode } from "../../../src/framing/index.ts";
import { runs } from "../../support/runs.ts";
import { payloads } from "./arbitraries.ts";
import { codec, decoded, encoded, noise, oneInATurn, passed, wordy } from "./codecs.ts";

const TAIL = Buffer.from([0, 0, 0xff, 0xff]);
const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");

/** All payloads of a connection, inflated by plain zlib as one stream. */
function inflatedByZlib(payloads: readonly Buffer[]): Buffer {
  const stream = Buffer.concat(payloads.flatMap((payload) => [payload, TAIL]));
  return inflateRawSync(stream, { finishFlush: constants.Z_SYNC_FLUSH });
}

function flushedByZlib(message: Uint8Array, options = {}): Buffer {
  return deflateRawSync(message, { finishFlush: constants.Z_SYNC_FLUSH, ...options }).subarray(0, -4);
}

it("zlib is driven directly on every supported version of node", () => {
  expect(directZlibWorks).toBe(true);
});

const parameters = fc.record({
  level: fc.integer({ min: 0, max: 9 }),
  memLevel: fc.integer({ min: 1, max: 9 }),
  windowBits: fc.integer({ min: 8, max: 15 }),
  takeover: fc.boolean(),
});

describe.each([
  ["with zlib driven directly", {}],
  ["with a context that is evicted by each message of another connection", { maxDeflaters: 1, maxInflaters: 1 }],
  ["with one message per turn", oneInATurn()],
  ["with the public API of zlib", { direct: false }],
])("a codec, %s", (_name, limits) => {
  it("the peer gets every message, whatever the parameters and the messages", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(payloads, { maxLength: 6 }), parameters, async (messages, options) => {
        const { level, memLevel, windowBits, takeover } = options;
        const contexts = new DeflateContexts(limits);
        const pair = () => ({
          from: codec({
            config: { level, memLevel, encodeWindowBits: windowBits, encodeTakeover: takeover },
            contexts,
          }),
          to: codec({ config: { decodeWindowBits: windowBits, decodeTakeover: takeover }, contexts }),
        });
        const [one, other] = [pair(), pair()];
        for (const each of messages) {
          expect((await passed(one.from, one.to, each)).toString("hex")).toBe(Buffer.from(each).toString("hex"));
          expect((await passed(other.from, other.to, each)).length).toBe(each.length);
        }
      }),
      { numRuns: runs(0.5) },
    );
  });

  it("plain zlib can inflate all messages of a connection as one stream", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(payloads, { maxLength: 6 }), async (messages) => {
        const from = codec({ contexts: new DeflateContexts(limits) });
        const plain: Uint8Array[] = [];
        const payloads: Buffer[] = [];
        for (const each of messages) {
          const payload = await encoded(from, each);
          if (payload === null) continue;
          payloads.push(payload);
          plain.push(each);
        }
        expect(inflatedByZlib(payloads).equals(Buffer.concat(plain))).toBe(true);
      }),
      { numRuns: runs(0.4) },
    );
  });

  it("messages that plain zlib compressed with context takeover are inflated", async () => {
    const to = codec({ contexts: new DeflateContexts(limits) });
    let history = Buffer.alloc(0);
    for (const each of [wordy(500), wordy(700), wordy(20_000, 3), wordy(300_000, 3), wordy(100)]) {
      const dictionary = history.subarray(-32_768);
      const payload = flushedByZlib(each, dictionary.length > 0 ? { dictionary } : {});
      expect(await decoded(to, payload)).toEqual(each);
      history = Buffer.concat([history, each]);
    }
  });

  it("RFC 7692 section 7.2.3: the examples are inflated", async () => {
    const to = codec({ contexts: new DeflateContexts(limits) });
    const hello = Buffer.from("Hello");
    expect(await decoded(to, hex("f2 48 cd c9 c9 07 00"))).toEqual(hello);
    expect(await decoded(to, hex("f2 00 11 00 00"))).toEqual(hello);
    expect(await decoded(to, hex("00 05 00 fa ff 48 65 6c 6c 6f 00"))).toEqual(hello);
    expect(await decoded(to, hex("f3 48 cd c9 c9 07 00 00"))).toEqual(hello);
    expect(await decoded(to, hex("f2 48 05 00 00 00 ff ff ca c9 c9 07 00"))).toEqual(hello);
    expect(await decoded(to, hex("00"))).toEqual(Buffer.alloc(0));
    expect(await decoded(to, hex("f2 00 11 00 00"))).toEqual(hello);
  });

  it("an empty payload is an empty message, and a final block may lack the byte behind it", async () => {
    const to = codec({ contexts: new DeflateContexts(limits) });
    expect(await decoded(to, hex(""))).toEqual(Buffer.alloc(0));
    expect(await decoded(to, hex("f3 48 cd c9 c9 07 00"))).toEqual(Buffer.from("Hello"));
    expect(await decoded(to, hex("f2 00 11 00 00"))).toEqual(Buffer.from("Hello"));
  });

  it("a message goes on behind a final block, and may refer back across it", async () => {
    const to = codec({ contexts: new DeflateContexts(limits) });
    const [first, second] = [wordy(2000, 5), wordy(1500, 9)];
    const finished = deflateRawSync(first);
    const dictionary = first;
    const rest = flushedByZlib(Buffer.concat([second, first]), { dictionary });
    expect(await decoded(to, Buffer.concat([finished, rest]))).toEqual(Buffer.concat([first, second, first]));
    const next = flushedByZlib(second, { dictionary: Buffer.concat([first, second, first]) });
    expect(await decoded(to, next)).toEqual(second);
  });

  it("corrupt data fails its own connection only", async () => {
    const contexts = new DeflateContexts(limits);
    const [good, bad] = [codec({ contexts }), codec({ contexts })];
    expect(await decoded(good, hex("f2 48 cd c9 c9 07 00"))).toEqual(Buffer.from("Hello"));
    expect(await decoded(bad, hex("ff ff ff ff"))).toBe("DEFLATE_CORRUPT");
    expect(await decoded(good, hex("f2 00 11 00 00"))).toEqual(Buffer.from("Hello"));
    // It refers back further than its beginning.
    expect(await decoded(codec({ contexts }), hex("f2 00 11 00 00"))).toBe("DEFLATE_CORRUPT");
  });

  it("any bytes give a message or a violation, and other connections go on", async () => {
    const contexts = new DeflateContexts(limits);
    const good = codec({ contexts });
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (bytes) => {
        const result = await decoded(codec({ contexts }), bytes);
        expect(Buffer.isBuffer(result) || result.startsWith("DEFLATE_")).toBe(true);
        expect(await decoded(good, hex("f2 48 cd c9 c9 07 00"))).toEqual(Buffer.from("Hello"));
      }),
      { numRuns: runs(1) },
    );
  });

  it("a payload that is truncated at any byte is corrupt, or the beginning of the message", async () => {
    const contexts = new DeflateContexts(limits);
    const whole = wordy(300);
    const payload = flushedByZlib(whole);
    for (let length = 1; length < payload.length; length++) {
      const result = await decoded(codec({ contexts }), payload.subarray(0, length));
      if (typeof result === "string") expect(result).toBe("DEFLATE_CORRUPT");
      else expect(result).toEqual(whole.subarray(0, result.length));
    }
    expect(await decoded(codec({ contexts }), payload.subarray(0, payload.length - 30))).toBe("DEFLATE_CORRUPT");
    const stored = Buffer.concat([hex("00 05 00 fa ff"), Buffer.from("Hel")]);
    expect(await decoded(codec({ contexts }), stored)).toBe("DEFLATE_CORRUPT");
  });

  it("a message longer than maxPayload is too big, however short its payload is", async () => {
    const to = () => codec({ maxPayload: 50_000, contexts: new DeflateContexts(limits) });
    expect(await decoded(to(), flushedByZlib(Buffer.alloc(50_000)))).toHaveLength(50_000);
    expect(await decoded(to(), flushedByZlib(Buffer.alloc(50_001)))).toBe("MESSAGE_TOO_BIG");
    expect(await decoded(to(), flushedByZlib(Buffer.alloc(30_000_000)))).toBe("MESSAGE_TOO_BIG");
  });

  it.each([
    ["empty stored blocks", Buffer.alloc(1 << 20, hex("00 00 00 ff ff"))],
    ["empty final blocks", Buffer.alloc(60_000, hex("03 00"))],
    ["empty blocks of fixed codes", Buffer.alloc(1 << 20, hex("02 08 20 80 00"))],
  ])("%s, which produce no output, are wasteful", async (_what, payload) => {
    expect(await decoded(codec({ contexts: new DeflateContexts(limits) }), payload)).toBe("DEFLATE_WASTEFUL");
  });
});

describe("the decision to compress a message", () => {
  it("a message is compressed from the threshold on, unless the option compress says otherwise", async () => {
    const from = codec({ config: { threshold: 100 } });
    expect(await encoded(from, wordy(99))).toBeNull();
    expect(await encoded(from, wordy(100))).not.toBeNull();
    expect(await encoded(from, wordy(99), true)).not.toBeNull();
    expect(await encoded(from, wordy(1000), false)).toBeNull();
    expect(await encoded(from, Buffer.alloc(0), true)).toBeNull();
  });

  it("a message refers to earlier messages only with context takeover", async () => {
    const [taking, alone] = [codec(), codec({ config: { encodeTakeover: false } })];
    const [first, second] = [await encoded(taking, wordy(1000)), await encoded(taking, wordy(1000))];
    expect(second?.length).toBeLessThan((first?.length ?? 0) / 10);
    expect(await encoded(alone, wordy(1000))).toEqual(await encoded(alone, wordy(1000)));
  });

  it("a message that would not become shorter is sent uncompressed, unless that would lose a longer history", async () => {
    const alone = codec({ config: { encodeTakeover: false } });
    expect(await encoded(alone, noise(200))).toBeNull();
    expect(await encoded(alone, noise(100_000))).toBeNull();
    const [from, to] = [codec(), codec()];
    await passed(from, to, wordy(2000));
    expect(await encoded(from, noise(20_000))).toBeNull();
    for (const each of [wordy(2000), noise(500), wordy(2000), noise(100_000), wordy(2000)]) {
      expect(await passed(from, to, each)).toEqual(each);
    }
  });

  it("after a long message a connection keeps the agreed window, and finds repetitions far back", async () => {
    const contexts = new DeflateContexts();
    const [from, to] = [codec({ contexts }), codec({ contexts })];
    const pass = async (message: Buffer) => expect(await passed(from, to, message)).toEqual(message);
    const missesAfter = async (...messages: Buffer[]) => {
      for (const message of messages) await pass(message);
      return contexts.statistics.deflaters.misses;
    };
    expect(await missesAfter(wordy(1000), wordy(1000))).toBe(1);
    expect(await missesAfter(noise(15_000), wordy(100))).toBe(2);
    expect((await encoded(from, noise(15_000)))?.length).toBeLessThan(500);
    expect(contexts.statistics.deflaters.misses).toBe(2);
  });

  it("short messages are processed synchronously, and long ones in zlib's threads", () => {
    const [from, to] = [codec(), codec()];
    expect(from.encode(wordy(60_000), 2, {})).toBeInstanceOf(Uint8Array);
    expect(from.encode(wordy(70_000), 2, {})).toBeInstanceOf(Promise);
    expect(to.decode(flushedByZlib(wordy(100_000)), Opcode.Binary)).toBeInstanceOf(Uint8Array);
    expect(codec().decode(flushedByZlib(Buffer.alloc(200_000)), Opcode.Binary)).toBeInstanceOf(Promise);
    expect(codec({ contexts: new DeflateContexts({ direct: false }) }).encode(wordy(500), 2, {})).toBeInstanceOf(
      Promise,
    );
  });

  it.each([8, 9, 10, 12, 15])(
    "a compressed message never refers back further than an agreed window of 2^%i bytes",
    async (windowBits) => {
      const from = codec({ config: { encodeWindowBits: windowBits, level: 9 } });
      // Given out byte by byte, a window of this size is all that zlib has to look back into.
      const strict = createInflateRaw({ windowBits, chunkSize: 64 });
      const plain: Buffer[] = [];
      const output: Buffer[] = [];
      strict.on("data", (chunk: Buffer) => output.push(chunk));
      const repeated = noise(400);
      for (let round = 0; round < 60; round += 4) {
        const each = Buffer.concat([repeated.subarray(0, 100 + round), wordy(300, round), repeated]);
        const payload = await encoded(from, each);
        if (payload === null) continue;
        plain.push(each);
        for (const byte of Buffer.concat([payload, TAIL])) strict.write(Buffer.from([byte]));
      }
      await new Promise<void>((resolve) => strict.flush(constants.Z_SYNC_FLUSH, resolve));
      expect(Buffer.concat(output).equals(Buffer.concat(plain))).toBe(true);
    },
  );
});

describe("the memory", () => {
  it("all connections without context takeover use one deflater and one inflater", async () => {
    const contexts = new DeflateContexts();
    const config = { encodeTakeover: false, decodeTakeover: false };
    for (let index = 0; index < 20; index++) {
      const end = codec({ config, contexts });
      expect(await passed(end, end, wordy(1000, index + 1))).toEqual(wordy(1000, index + 1));
    }
    expect(contexts.statistics.deflaters.size).toBe(1);
    expect(contexts.statistics.inflaters.size).toBe(1);
    expect(contexts.statistics.inflaters.evictions).toBe(0);
  });

  it("any number of connections with context takeover use no more contexts than the limits, and lose no history", async () => {
    const contexts = new DeflateContexts({ maxDeflaters: 4, maxInflaters: 4 });
    const pairs = Array.from({ length: 12 }, () => [codec({ contexts }), codec({ contexts })] as const);
    for (let round = 0; round < 3; round++) {
      for (const [from, to] of pairs) expect(await passed(from, to, wordy(1000))).toEqual(wordy(1000));
    }
    for (const { size, limit, hits, misses, evictions } of Object.values(contexts.statistics)) {
      expect({ size, limit, uses: hits + misses }).toEqual({ size: 4, limit: 4, uses: 36 });
      // The first round evicts eight contexts, and the others evict some.
      expect(evictions).toBe(misses - 4);
      expect(evictions).toBeGreaterThanOrEqual(8);
    }
  });

  it("a closed connection gives its contexts back", async () => {
    const contexts = new DeflateContexts();
    const end = codec({ contexts });
    await passed(end, end, wordy(1000));
    end.close();
    await passed(codec({ contexts }), codec({ contexts }), wordy(1000));
    expect(contexts.statistics.deflaters.size).toBe(1);
    expect(contexts.statistics.inflaters.size).toBe(1);
  });

  it("a context that failed is closed", async () => {
    const contexts = new DeflateContexts();
    await decoded(codec({ contexts }), hex("ff ff ff ff"));
    expect(contexts.statistics.inflaters.size).toBe(0);
  });
});

it.each([true, false])(
  "a failure of zlib is thrown, and its context is closed, with context takeover %s",
  async (takeover) => {
    const contexts = new DeflateContexts();
    const from = codec({ contexts, config: { encodeTakeover: takeover } });
    const run = vi.spyOn(DirectZlib.prototype, "run").mockImplementationOnce(function fail(this: DirectZlib) {
      this.failed = true;
      return 0;
    });
    expect(() => from.encode(wordy(300), Opcode.Text, {})).toThrow("zlib could not compress a message");
    run.mockRestore();
    from.close();
    expect(contexts.statistics.deflaters.size).toBe(0);
  },
);

it("a closed codec does not start the messages that were waiting for a thread", async () => {
  const before = codec({ config: { level: 9 } });
  const busy = [1, 2, 3, 4].map((seed) => encoded(before, wordy(70_000, seed)));
  const closing = codec();
  const [message, payload] = [wordy(70_000), flushedByZlib(wordy(70_000))];
  const results = [
    closing.encode(message, Opcode.Text, {}),
    closing.decode(Buffer.concat([payload, noise(70_000)]), Opcode.Text),
  ];
  closing.close();
  for (const result of results) await expect(result).rejects.toThrow("the connection closed");
  await Promise.all(busy);
});
