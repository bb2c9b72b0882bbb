import { describe, expect, test } from "vitest";
import { EncodeQueue } from "../../src/endpoint/encode-queue.ts";
import type { FrameOutput } from "../../src/endpoint/frame-output.ts";
import { FramedMessage } from "../../src/endpoint/framed-message.ts";
import type { ReadyFrame } from "../../src/endpoint/ready-frame.ts";
import { MessagePipeline } from "../../src/extensions/index.ts";
import { PromptCodec, reversed, SharingCodec, SlowCodec } from "../connection/codecs.ts";
import { BINARY, TEXT } from "../support/frames.ts";

/** What a waiting message counts beside its bytes. */
const ENTRY = 64;

function setUp<Codec extends PromptCodec | SlowCodec>(codec: Codec) {
  const events: unknown[][] = [];
  const output: Pick<FrameOutput, "addFrame" | "addOwnBytes"> = {
    addFrame: ({ payload }: ReadyFrame) => void events.push(["shared frame", payload.toString()]),
    addOwnBytes: (opcode, payload, rsv) => void events.push([opcode, rsv, Buffer.from(payload).toString()]),
  };
  const pipeline = new MessagePipeline([{ rsv: 0x40, codec }]);
  const queue = new EncodeQueue(pipeline, output as FrameOutput, {
    onEncodingFailed: (error) => void events.push(["failed", error]),
    onAllEncoded: () => void events.push(["all encoded"]),
  });
  return { codec, queue, events };
}

const backwards = (text: string) => reversed(text).toString();

describe("a message that is encoded at once", () => {
  test("a message that is encoded at once is framed within the call, with the reserved bit of its extension", () => {
    const { queue, events } = setUp(new PromptCodec());
    queue.addText("text", {});
    queue.addBytes(BINARY, Buffer.from("bytes"), {});
    expect(events).toEqual([
      [TEXT, 0x40, backwards("text")],
      [BINARY, 0x40, backwards("bytes")],
    ]);
    expect(queue.isEmpty).toBe(true);
    expect(queue.waitingBytes).toBe(0);
  });

  test("a message that is encoded at once is framed without a reserved bit if its extension leaves it as it is", () => {
    const { queue, events } = setUp(new PromptCodec());
    queue.addText("text", { compress: false });
    expect(events).toEqual([[TEXT, 0, "text"]]);
  });

  test("a message that is encoded at once is reported and not framed if its extension throws, and the next message is framed", () => {
    const { codec, queue, events } = setUp(new PromptCodec());
    const { encode } = codec;
    codec.encode = () => {
      throw "broken";
    };
    queue.addText("first", {});
    codec.encode = encode;
    queue.addText("second", {});
    expect(events).toEqual([
      ["failed", "broken"],
      [TEXT, 0x40, backwards("second")],
    ]);
  });

  test("a message that is encoded at once is encoded by the codec itself if several endpoints send it and there is no shared encoder", () => {
    const { queue, events } = setUp(new PromptCodec());
    queue.addFramed(new FramedMessage(TEXT, Buffer.from("many"), {}));
    expect(events).toEqual([[TEXT, 0x40, backwards("many")]]);
  });

  test("a message that is encoded at once is taken from the shared encoder if there is one, and the codec learns that", () => {
    const { codec, queue, events } = setUp(new SharingCodec(new PromptCodec()));
    queue.addText("own", {});
    queue.addFramed(new FramedMessage(TEXT, Buffer.from("many"), {}));
    expect(events.at(-1)).toEqual(["shared frame", backwards("many")]);
    expect(codec.sharedAfter).toEqual([1]);
  });

  test("a message that is encoded at once is the plain frame if the shared encoder leaves it as it is, and the codec learns nothing", () => {
    const { codec, queue, events } = setUp(new SharingCodec({ encode: () => null }));
    queue.addFramed(new FramedMessage(TEXT, Buffer.from("many"), {}));
    expect(events).toEqual([["shared frame", "many"]]);
    expect(codec.sharedAfter).toEqual([]);
  });
});

describe("while a message is encoded asynchronously", () => {
  test("messages and steps wait behind a message that is encoded asynchronously, and leave in their order", async () => {
    const { codec, queue, events } = setUp(new SlowCodec());
    queue.addText("first", {});
    queue.addText("second", {});
    queue.inOrder(() => events.push(["step"]));
    expect(queue.isEmpty).toBe(false);
    await codec.encoded();
    expect(events).toEqual([[TEXT, 0x40, backwards("first")]]);
    await codec.encoded();
    expect(events.slice(1)).toEqual([[TEXT, 0x40, backwards("second")], ["step"], ["all encoded"]]);
    expect(queue.isEmpty).toBe(true);
  });

  test("waitingBytes counts the bytes of a message that is being encoded, and 64 more for each message behind it", async () => {
    const { codec, queue } = setUp(new SlowCodec());
    queue.addText("first", {});
    expect(queue.waitingBytes).toBe(5);
    queue.addText("second", {});
    queue.addBytes(BINARY, Buffer.alloc(10), {});
    expect(queue.waitingBytes).toBe(5 + 6 + ENTRY + 10 + ENTRY);
    await codec.encoded();
    expect(queue.waitingBytes).toBe(6 + 10 + ENTRY);
    await codec.encoded();
    await codec.encoded();
    expect(queue.waitingBytes).toBe(0);
  });

  test("bytes that wait for their encoding are a copy, and may change", async () => {
    const { codec, queue, events } = setUp(new SlowCodec());
    const [first, second] = [Buffer.from("first"), Buffer.from("second")];
    queue.addBytes(BINARY, first, {});
    queue.addBytes(BINARY, second, {});
    first.fill(0);
    second.fill(0);
    await codec.encoded();
    await codec.encoded();
    expect(events.slice(0, 2)).toEqual([
      [BINARY, 0x40, backwards("first")],
      [BINARY, 0x40, backwards("second")],
    ]);
  });

  test("an asynchronous encoding that is rejected drops the messages behind it, and the steps behind it are taken", async () => {
    const { codec, queue, events } = setUp(new SlowCodec());
    queue.addText("first", {});
    queue.addText("never", {});
    queue.inOrder(() => events.push(["step"]));
    await codec.fail(codec.encoding, "why");
    expect(events).toEqual([["failed", "why"], ["step"], ["all encoded"]]);
    expect(queue.waitingBytes).toBe(0);
  });

  test("discard() of an EncodeQueue abandons the message and everything behind it, and nothing is framed or reported any more", async () => {
    const { codec, queue, events } = setUp(new SlowCodec());
    queue.addText("first", {});
    queue.addText("second", {});
    queue.discard();
    expect(queue.waitingBytes).toBe(0);
    await codec.encoded();
    expect(events).toEqual([]);
    expect(queue.isEmpty).toBe(true);
  });
});

test("a step is taken at once if no message is being encoded", () => {
  const { queue, events } = setUp(new SlowCodec());
  queue.inOrder(() => events.push(["step"]));
  expect(events).toEqual([["step"]]);
});
