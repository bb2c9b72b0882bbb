import { describe, expect, it, test } from "vitest";
import {
  type MessageCodec,
  MessagePipeline,
  type PipelineStage,
  type SharedEncoder,
} from "../../src/extensions/index.ts";
import { DeflateViolations } from "../../src/extensions/permessage-deflate/deflate-violations.ts";
import { Opcode } from "../../src/framing/index.ts";
import type { Violation } from "../../src/framing/violations.ts";

/** Appends its letter to sent messages and removes it from received ones. Messages that begin with "-" do not change. */
function letter(name: string, rsv: PipelineStage["rsv"], slow: boolean): PipelineStage {
  const scratch = Buffer.alloc(100);
  const encode = (payload: Uint8Array) => (payload[0] === 0x2d ? null : Buffer.concat([payload, Buffer.from(name)]));
  const decode = (payload: Buffer): Uint8Array | Violation => {
    if (payload.at(-1) !== name.charCodeAt(0)) return DeflateViolations.DEFLATE_CORRUPT;
    payload.copy(scratch);
    // Only a synchronous result may be in memory that is used again.
    return slow ? Buffer.from(payload.subarray(0, -1)) : scratch.subarray(0, payload.length - 1);
  };
  const codec: MessageCodec = {
    encode: (payload) => (slow ? Promise.resolve(encode(payload)) : encode(payload)),
    decode: (payload) => (slow ? Promise.resolve(decode(payload)) : decode(payload)),
    close() {},
  };
  return { rsv, codec };
}

const STYLES = [
  ["all synchronous", [false, false, false]],
  ["all asynchronous", [true, true, true]],
  ["the first one asynchronous", [true, false, false]],
  ["the last one asynchronous", [false, false, true]],
] as const;

describe.each(STYLES)("extensions, %s", (_name, [a, b, c]) => {
  const pipeline = () => new MessagePipeline([letter("a", 0x40, a), letter("b", 0x20, b), letter("c", 0x10, c)]);

  it("RFC 6455 section 9.1: a sent message passes the extensions in order, and each sets its bit", async () => {
    const { rsv, payload } = await pipeline().encode(Buffer.from("x"), Opcode.Text, {});
    expect([rsv, payload.toString()]).toEqual([0x70, "xabc"]);
  });

  it("RFC 6455 section 9.1: a received message passes the extensions in reverse order", async () => {
    expect(String(await pipeline().decode(Buffer.from("xabc"), Opcode.Text, 0x70))).toBe("x");
  });

  it("RFC 7692 section 6.2: a received message skips the extensions whose bit is not set", async () => {
    expect(String(await pipeline().decode(Buffer.from("xac"), Opcode.Text, 0x50))).toBe("x");
  });

  it("RFC 7692 section 6.1: a message that no extension changes is sent unchanged, without a bit", async () => {
    const payload = Buffer.from("-");
    expect(await pipeline().encode(payload, Opcode.Text, {})).toEqual({ rsv: 0, payload });
  });

  it("no extension decodes a message after another one found a violation", async () => {
    expect(await pipeline().decode(Buffer.from("xbc"), Opcode.Text, 0x70)).toBe(DeflateViolations.DEFLATE_CORRUPT);
    expect(await pipeline().decode(Buffer.from("xab"), Opcode.Text, 0x70)).toBe(DeflateViolations.DEFLATE_CORRUPT);
  });
});

test("the next message does not overwrite the result of a promise, although a later extension is synchronous", async () => {
  const pipeline = new MessagePipeline([letter("a", 0x40, false), letter("b", 0x20, true)]);
  const [first, second] = await Promise.all(
    ["xab", "yab"].map((message) => pipeline.decode(Buffer.from(message), Opcode.Text, 0x60)),
  );
  expect([String(first), String(second)]).toEqual(["x", "y"]);
});

test("an extension without a bit decodes every message, whatever bits it has", async () => {
  const pipeline = new MessagePipeline([letter("a", 0, false), letter("b", 0x20, false)]);
  expect(String(await pipeline.decode(Buffer.from("xa"), Opcode.Text, 0))).toBe("x");
  expect((await pipeline.encode(Buffer.from("x"), Opcode.Text, {})).rsv).toBe(0x20);
});

test("a promise of another library is awaited", async () => {
  // biome-ignore lint/suspicious/noThenProperty: such a promise is what is tested
  const foreign = { then: (done: (result: Buffer) => void) => void done(Buffer.from("done")) };
  const codec = { encode: () => foreign, decode: () => foreign, close() {} } as unknown as MessageCodec;
  const pipeline = new MessagePipeline([{ rsv: 0x40, codec }]);
  expect(String((await pipeline.encode(Buffer.from("x"), Opcode.Text, {})).payload)).toBe("done");
  expect(String(await pipeline.decode(Buffer.from("x"), Opcode.Text, 0x40))).toBe("done");
});

describe("the shared encoder of a pipeline", () => {
  const sharing = (encoder: SharedEncoder) => {
    const { rsv, codec } = letter("a", 0x40, false);
    let shared = 0;
    const stage = { rsv, codec: { ...codec, sharedEncoder: encoder, onShared: () => void shared++ } };
    return { stage, count: () => shared };
  };
  const encoder = letter("z", 0x40, false).codec;

  it("the shared encoder is that of the only extension, and sets its bit", async () => {
    const { stage, count } = sharing(encoder);
    const pipeline = new MessagePipeline([stage]);
    expect(pipeline.sharedEncoder).toBe(encoder);
    const { rsv, payload } = await pipeline.encodeShared(encoder, Buffer.from("x"), Opcode.Text, {});
    expect([rsv, payload.toString()]).toEqual([0x40, "xz"]);
    expect(await pipeline.encodeShared(encoder, Buffer.from("-"), Opcode.Text, {})).toMatchObject({ rsv: 0 });
    expect(count()).toBe(0);
    pipeline.onShared();
    expect(count()).toBe(1);
  });

  it("there is no shared encoder with several extensions, or if the only one has none", () => {
    const several = new MessagePipeline([sharing(encoder).stage, letter("b", 0x20, false)]);
    const alone = new MessagePipeline([letter("b", 0x20, false)]);
    expect([several.sharedEncoder, alone.sharedEncoder]).toEqual([null, null]);
    expect(() => alone.onShared()).not.toThrow();
  });
});
