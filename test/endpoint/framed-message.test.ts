import { describe, expect, test, vi } from "vitest";
import { FramedMessage } from "../../src/endpoint/framed-message.ts";
import type { ReadyFrame } from "../../src/endpoint/ready-frame.ts";
import { MessagePipeline, type SharedEncoder } from "../../src/extensions/index.ts";
import { PromptCodec, reversed, SharingCodec } from "../connection/codecs.ts";
import { decodeFrames, TEXT } from "../support/frames.ts";

const hello = () => new FramedMessage(TEXT, Buffer.from("hello"), {});

/** A pipeline whose only extension has this shared encoder. */
function pipelineOf(encoder: SharedEncoder): MessagePipeline {
  return new MessagePipeline([{ rsv: 0x40, codec: new SharingCodec(encoder) }]);
}

function encode(message: FramedMessage, encoder: SharedEncoder): ReadyFrame | Promise<ReadyFrame> {
  return message.encodedBy(encoder, pipelineOf(encoder));
}

describe("a framed message", () => {
  test("a framed message keeps a copy of the payload it was made of", () => {
    const payload = Buffer.from("hello");
    const message = new FramedMessage(TEXT, payload, {});
    payload.fill(0);
    expect(message.payload.toString()).toBe("hello");
    expect(message.byteLength).toBe(5);
    expect(decodeFrames(message.plain.bytes)).toEqual([expect.objectContaining({ opcode: TEXT, rsv: 0, fin: true })]);
  });

  test("a framed message is encoded once by each encoder, however many endpoints send it", () => {
    const message = hello();
    const [one, other] = [new PromptCodec(), new PromptCodec()];
    const encodings = vi.spyOn(one, "encode");
    expect(encode(message, one)).toBe(encode(message, one));
    expect(encode(message, other)).not.toBe(encode(message, one));
    expect(encodings).toHaveBeenCalledTimes(1);
  });

  test("a framed message has the reserved bit of the extension that encoded it on its frame (RFC 7692 section 6.1)", () => {
    const frame = encode(hello(), new PromptCodec()) as ReadyFrame;
    expect(decodeFrames(frame.bytes)).toEqual([
      expect.objectContaining({ rsv: 4, opcode: TEXT, payload: reversed("hello") }),
    ]);
  });

  test("a framed message is its plain frame if the encoder leaves it as it is", () => {
    const message = hello();
    expect(encode(message, { encode: () => null })).toBe(message.plain);
  });

  test("a framed message is encoded once by an asynchronous encoder, and all endpoints get the same frame", async () => {
    const message = hello();
    const encoder = { encode: vi.fn(async () => Buffer.from("later")) };
    const [first, second] = [encode(message, encoder), encode(message, encoder)];
    expect(second).toBe(first);
    const frame = await first;
    expect(encode(message, encoder)).toBe(frame);
    expect(encoder.encode).toHaveBeenCalledTimes(1);
  });

  test("a framed message is encoded again for the next endpoint if an asynchronous encoder failed", async () => {
    const message = hello();
    const encoder = {
      encode: vi.fn<SharedEncoder["encode"]>().mockRejectedValueOnce(new Error("busy")).mockReturnValueOnce(null),
    };
    await expect(encode(message, encoder)).rejects.toThrow("busy");
    expect(encode(message, encoder)).toBe(message.plain);
  });

  test("a framed message is encoded again for the next endpoint if an encoder threw", () => {
    const message = hello();
    const encoder = { encode: vi.fn<SharedEncoder["encode"]>().mockReturnValue(null) };
    encoder.encode.mockImplementationOnce(() => {
      throw new Error("broken");
    });
    expect(() => encode(message, encoder)).toThrow("broken");
    expect(encode(message, encoder)).toBe(message.plain);
  });
});
