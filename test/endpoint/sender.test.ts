import { describe, expect, test } from "vitest";
import { FlushQueue } from "../../src/endpoint/flush-queue.ts";
import { FramedMessage } from "../../src/endpoint/framed-message.ts";
import { Sender, type SendResult } from "../../src/endpoint/sender.ts";
import { type ConnectionOptions, resolveSettings } from "../../src/endpoint/settings.ts";
import { WriteBufferPool } from "../../src/endpoint/write-buffer-pool.ts";
import { MessagePipeline, type PipelineStage } from "../../src/extensions/index.ts";
import { SlowCodec } from "../connection/codecs.ts";
import { closePayload, ROLES, sent, sentMessages, turn } from "../support/connection-harness.ts";
import { FakeTransport } from "../support/fake-transport.ts";
import { BINARY, CLOSE, decodeFrames, PING, type Role, TEXT } from "../support/frames.ts";

interface Options extends ConnectionOptions {
  readonly role?: Role;
  readonly stages?: readonly PipelineStage[];
}

function setUp({ role = "server", stages, ...options }: Options = {}) {
  const events: unknown[] = [];
  const transport = new FakeTransport();
  const masks = role === "client";
  const shared = {
    masks,
    settings: resolveSettings(options),
    buffers: new WriteBufferPool(),
    flushes: new FlushQueue(),
  };
  const sender = new Sender(transport, shared, stages === undefined ? null : new MessagePipeline(stages), {
    onDrained: () => void events.push("drained"),
    onUnsentLimit: () => void events.push("unsent limit"),
    onEncodingFailed: (error) => void events.push(error),
    onPingSent: () => void events.push("ping sent"),
    onFragmentSent: () => void events.push("fragment sent"),
  });
  transport.start({ onDrain: () => sender.onTransportDrain(), onData() {}, onEnd() {}, onClose() {} });
  return { sender, transport, events, role };
}

const ways: readonly [string, (sender: Sender, length: number) => SendResult][] = [
  ["sendText", (sender, length) => sender.sendText("x".repeat(length), {})],
  ["sendBytes", (sender, length) => sender.sendBytes(BINARY, Buffer.alloc(length), {})],
  ["sendFramed", (sender, length) => sender.sendFramed(new FramedMessage(BINARY, Buffer.alloc(length), {}))],
];

describe.each(ROLES)("as %s", (role) => {
  test("each kind of message leaves in one frame that is masked as the role demands", async () => {
    const opened = setUp({ role });
    const { sender } = opened;
    expect(sender.sendText("text", {})).toBe("sent");
    expect(sender.sendBytes(BINARY, Buffer.from("bytes"), {})).toBe("sent");
    expect(sender.sendFramed(new FramedMessage(TEXT, Buffer.from("framed"), {}))).toBe("sent");
    expect(sender.sendControl(PING, Buffer.from("ping"))).toBe("sent");
    await turn();
    expect(sent(opened).map(({ opcode, payload }) => [opcode, payload.toString()])).toEqual([
      [TEXT, "text"],
      [BINARY, "bytes"],
      [TEXT, "framed"],
      [PING, "ping"],
    ]);
  });
});

describe.each(ways)("%s()", (_name, send) => {
  test("a message is full from highWaterMark on, and a drain is reported when everything has left", () => {
    const { sender, transport, events } = setUp({ highWaterMark: 100 });
    transport.stick();
    expect(send(sender, 50)).toBe("sent");
    expect(send(sender, 50)).toBe("full");
    expect(sender.isDrainAwaited).toBe(true);
    sender.flush();
    expect(events).toEqual([]);
    transport.drain();
    expect(events).toEqual(["drained"]);
    expect(sender.isDrainAwaited).toBe(false);
  });

  test("a message is dropped past maxBufferedAmount if overflow is drop, and a drain follows", () => {
    const { sender, transport, events } = setUp({ maxBufferedAmount: 100, overflow: "drop" });
    transport.stick();
    expect(send(sender, 80)).toBe("sent");
    expect(send(sender, 80)).toBe("dropped");
    transport.drain();
    expect(events).toEqual(["drained"]);
    expect(decodeFrames(transport.bytes)).toHaveLength(1);
  });

  test("a message past maxBufferedAmount is reported as the limit if overflow is close", () => {
    const { sender, transport, events } = setUp({ maxBufferedAmount: 100 });
    transport.stick();
    send(sender, 80);
    expect(send(sender, 80)).toBe("closed");
    expect(events).toEqual(["unsent limit"]);
  });

  test("a message is accepted past maxBufferedAmount if nothing else waits", () => {
    const { sender, transport } = setUp({ maxBufferedAmount: 100 });
    transport.stick();
    expect(send(sender, 500)).toBe("sent");
  });

  test("a message is accepted past maxBufferedAmount if what waits only waits for the end of the tick", () => {
    const { sender, transport } = setUp({ maxBufferedAmount: 100 });
    expect(send(sender, 80)).toBe("sent");
    expect(send(sender, 80)).toBe("sent");
    expect(transport.writes).toHaveLength(1);
  });

  test("a message is closed once everything was discarded", () => {
    const { sender, transport } = setUp();
    sender.discard();
    expect(send(sender, 1)).toBe("closed");
    expect(transport.writes).toEqual([]);
  });
});

test("a ping past maxBufferedAmount is dropped and does not end the connection, whatever overflow says", () => {
  const { sender, transport, events } = setUp({ maxBufferedAmount: 100, overflow: "close" });
  transport.stick();
  sender.sendText("x".repeat(80), {});
  expect(sender.sendControl(PING, Buffer.alloc(80))).toBe("dropped");
  expect(events).toEqual([]);
  transport.drain();
  expect(events).toEqual(["drained"]);
});

test("no drain is reported without a full or dropped before it", async () => {
  const { sender, events } = setUp();
  sender.sendText("x", {});
  await turn();
  expect(events).toEqual([]);
});

test("a text of three-byte characters is measured in bytes, not in characters", () => {
  const { sender, transport } = setUp({ maxBufferedAmount: 100, overflow: "drop" });
  transport.stick();
  sender.sendText("x".repeat(40), {});
  expect(sender.sendText("€".repeat(40), {})).toBe("dropped");
  expect(sender.sendText("x".repeat(40), {})).toBe("sent");
});

test("a tracked ping is reported once it has left", () => {
  const { sender, transport, events } = setUp();
  transport.stick();
  sender.addTrackedPing(Buffer.from("ping"));
  sender.flush();
  expect(events).toEqual([]);
  transport.drain();
  expect(events).toEqual(["ping sent"]);
});

describe("while an extension encodes asynchronously", () => {
  const slow = (options: Options = {}) => {
    const codec = new SlowCodec();
    return { ...setUp({ ...options, stages: [{ rsv: 0x40, codec }] }), codec };
  };

  test("bufferedAmount includes the messages that are still being encoded", async () => {
    const { sender, codec } = slow();
    sender.sendText("first", {});
    expect(sender.bufferedAmount).toBe(5);
    sender.sendText("second", {});
    expect(sender.bufferedAmount).toBe(5 + 6 + 64);
    await codec.encoded(null);
    await codec.encoded(null);
    await turn();
    expect(sender.bufferedAmount).toBe(0);
  });

  test("the Close frame and the end wait behind messages that are being encoded, and a ping overtakes them", async () => {
    const opened = slow();
    const { sender, codec, transport } = opened;
    sender.sendText("first", {});
    sender.sendClose(closePayload(1000));
    sender.endInOrder();
    sender.sendControl(PING, Buffer.from("ping"));
    await turn();
    expect(sent(opened).map(({ opcode }) => opcode)).toEqual([PING]);
    expect(transport.ended).toBe(false);
    await codec.encoded(null);
    await turn();
    expect(sent(opened).map(({ opcode }) => opcode)).toEqual([PING, TEXT, CLOSE]);
    expect(transport.ended).toBe(true);
  });

  test("a drain is reported once the last message is encoded and has left", async () => {
    const { sender, codec, events } = slow({ highWaterMark: 1 });
    expect(sender.sendText("first", {})).toBe("full");
    await turn();
    expect(events).toEqual([]);
    await codec.encoded(null);
    await turn();
    expect(events).toEqual(["drained"]);
  });

  test("a failure of an extension is reported to the sender's listener", async () => {
    const { sender, codec, events } = slow();
    sender.sendText("first", {});
    await codec.fail(codec.encoding, "why");
    expect(events).toEqual(["why"]);
  });

  test("discard() of a sender abandons what is encoded and what waits", async () => {
    const opened = slow();
    const { sender, codec } = opened;
    sender.sendText("first", {});
    sender.sendText("second", {});
    sender.discard();
    expect(sender.bufferedAmount).toBe(0);
    await codec.encoded(null);
    await turn();
    expect(sentMessages(opened)).toEqual([]);
  });
});
