import { describe, expect, test } from "vitest";
import { DecodeQueue } from "../../src/endpoint/decode-queue.ts";
import { ExtensionViolations } from "../../src/extensions/extension-violations.ts";
import { MessagePipeline } from "../../src/extensions/index.ts";
import { STRING_OR_BUFFER, type Violation, Violations } from "../../src/framing/index.ts";
import { PromptCodec, reversed, SlowCodec } from "../connection/codecs.ts";
import { BINARY, TEXT } from "../support/frames.ts";

const RSV = 0x40;

function setUp<Codec extends PromptCodec | SlowCodec>(codec: Codec, maxPayload = 1000) {
  const events: unknown[][] = [];
  const pipeline = new MessagePipeline([{ rsv: RSV, codec }]);
  const queue = new DecodeQueue(pipeline, maxPayload, STRING_OR_BUFFER, {
    onDecoded: (_opcode, message) => void events.push(["message", message]),
    onDecodingFailed: (violation: Violation, cause?: unknown) => void events.push(["failed", violation, cause]),
    onDecodingDone: () => void events.push(["done"]),
    onQueueFilled: () => void events.push(["filled"]),
  });
  const decode = (text: string, opcode: 1 | 2 = TEXT) => queue.decode(opcode, RSV, reversed(text));
  return { codec, queue, events, decode };
}

describe("a message that is decoded at once", () => {
  test("a message that is decoded at once is passed on within decode(), and nothing is being decoded afterwards", () => {
    const { queue, events, decode } = setUp(new PromptCodec());
    expect(decode("hello")).toBeNull();
    expect(events).toEqual([["message", "hello"]]);
    expect(queue.isDecoding).toBe(false);
    expect(queue.isFull).toBe(false);
  });

  test("a message that is decoded at once is a copy if it is binary, since its extension may use the memory again", () => {
    const { events, decode } = setUp(new PromptCodec());
    decode("one", BINARY);
    decode("two", BINARY);
    expect(events).toEqual([
      ["message", Buffer.from("one")],
      ["message", Buffer.from("two")],
    ]);
  });

  test("RFC 7692 section 6.1: a message that is decoded at once is rejected if it is text that is not UTF-8 after decoding", () => {
    const { queue, events } = setUp(new PromptCodec());
    expect(queue.decode(TEXT, RSV, Buffer.from([0xff]))).toBe(Violations.TEXT_NOT_UTF8);
    expect(events).toEqual([]);
  });

  test("a message that is decoded at once is rejected if it is longer than maxPayload after decoding", () => {
    const { decode } = setUp(new PromptCodec(), 4);
    expect(decode("four")).toBeNull();
    expect(decode("fives")).toBe(Violations.MESSAGE_TOO_BIG);
  });

  test("a message that is decoded at once is rejected by the violation that its extension returns", () => {
    const { codec, decode } = setUp(new PromptCodec());
    codec.decode = () => Violations.MESSAGE_TOO_BIG;
    expect(decode("hello")).toBe(Violations.MESSAGE_TOO_BIG);
  });

  test("a message that is decoded at once is reported with the exception that its extension throws", () => {
    const { codec, events, decode } = setUp(new PromptCodec());
    const cause = new Error("broken");
    codec.decode = () => {
      throw cause;
    };
    expect(decode("hello")).toBe(ExtensionViolations.EXTENSION_FAILED);
    expect(events).toEqual([["failed", ExtensionViolations.EXTENSION_FAILED, cause]]);
  });
});

describe("while a message is decoded asynchronously", () => {
  test("messages and steps wait behind a message that is decoded asynchronously, and are taken in their order", async () => {
    const { codec, queue, events, decode } = setUp(new SlowCodec());
    decode("first");
    expect(queue.isDecoding).toBe(true);
    expect(queue.isFull).toBe(false);
    queue.take(TEXT, "second");
    queue.inOrder(() => events.push(["step"]));
    decode("third");
    expect(events).toEqual([["filled"], ["filled"], ["filled"]]);
    expect(queue.isFull).toBe(true);
    await codec.decoded();
    expect(events.slice(3)).toEqual([["message", "first"], ["message", "second"], ["step"]]);
    await codec.decoded();
    expect(events.slice(6)).toEqual([["message", "third"], ["done"]]);
    expect(queue.isDecoding).toBe(false);
  });

  test("an encoded message that waits for its decoding is a copy of the chunk, whose memory is used again", async () => {
    const { codec, queue, events, decode } = setUp(new SlowCodec());
    decode("first");
    const chunk = reversed("second");
    queue.decode(TEXT, RSV, chunk);
    chunk.fill(0);
    await codec.decoded();
    await codec.decoded();
    expect(events).toContainEqual(["message", "second"]);
  });

  test("a violation in an asynchronous decoding drops the messages behind it, and the steps behind it are taken", async () => {
    const { codec, queue, events, decode } = setUp(new SlowCodec());
    decode("first");
    queue.take(TEXT, "never");
    queue.inOrder(() => events.push(["step"]));
    await codec.decoded(Violations.MESSAGE_TOO_BIG);
    expect(events.slice(2)).toEqual([["failed", Violations.MESSAGE_TOO_BIG, undefined], ["step"], ["done"]]);
  });

  test("an asynchronous decoding that is rejected is reported as EXTENSION_FAILED with its reason", async () => {
    const { codec, events, decode } = setUp(new SlowCodec());
    decode("first");
    await codec.fail(codec.decoding, "why");
    expect(events).toEqual([["failed", ExtensionViolations.EXTENSION_FAILED, "why"], ["done"]]);
  });

  test("discard() of a DecodeQueue abandons the message and everything behind it, and nothing is reported any more", async () => {
    const { codec, queue, events, decode } = setUp(new SlowCodec());
    decode("first");
    queue.take(TEXT, "second");
    queue.discard();
    expect(queue.isDecoding).toBe(false);
    expect(queue.isFull).toBe(false);
    await codec.decoded();
    expect(events).toEqual([["filled"]]);
  });
});

test("a message or step that arrives while nothing is being decoded is taken at once", () => {
  const { queue, events } = setUp(new SlowCodec());
  queue.take(TEXT, "plain");
  queue.inOrder(() => events.push(["step"]));
  expect(events).toEqual([["message", "plain"], ["step"]]);
});
