import { describe, expect, test } from "vitest";
import { ReaderPool } from "../../src/endpoint/message-reader.ts";
import { Receiver } from "../../src/endpoint/receiver.ts";
import { MessagePipeline, type PipelineStage } from "../../src/extensions/index.ts";
import { STRING_OR_BUFFER, Violations } from "../../src/framing/index.ts";
import { reversed, SlowCodec } from "../connection/codecs.ts";
import { binary, closeFrame, closePayload, text, turn, wire } from "../support/connection-harness.ts";
import { FakeTransport } from "../support/fake-transport.ts";
import { type FrameSpec, PING, PONG, TEXT } from "../support/frames.ts";

function setUp(stages?: readonly PipelineStage[]) {
  const events: unknown[][] = [];
  const transport = new FakeTransport();
  const shared = {
    readers: new ReaderPool("server", 1000, STRING_OR_BUFFER),
    form: STRING_OR_BUFFER,
    maxPayload: 1000,
    maxStreamPayload: 1000,
    role: "server" as const,
  };
  const pipeline = stages === undefined ? null : new MessagePipeline(stages);
  const on = { message: (_message: unknown) => {}, chunkBegin: () => {} };
  const receiver: Receiver<string | Buffer> = new Receiver(shared);
  receiver.bind(transport, pipeline, {
    onMessage: (_opcode, message) => {
      events.push(["message", message]);
      on.message(message);
    },
    onPieceRead: () => void events.push(["piece read"]),
    onPing: (payload) => void events.push(["ping", payload.toString()]),
    onPong: (payload) => void events.push(["pong", payload.toString()]),
    // As an endpoint does: its input ends with the peer's Close frame.
    onCloseFrame: (status) => {
      events.push(["close", status]);
      receiver.abandon();
    },
    onViolation: (violation) => void events.push(["violation", violation.code]),
    onChunkBegin: () => {
      events.push(["begin"]);
      on.chunkBegin();
    },
    onChunkEnd: () => void events.push(["end"]),
    onCaughtUp: () => void events.push(["caught up"]),
    onInputEnd: () => void events.push(["input end"]),
  });
  transport.start({
    onData: (chunk) => receiver.push(chunk),
    onEnd: () => receiver.end(),
    onDrain() {},
    onClose() {},
  });
  const push = (...frames: readonly FrameSpec[]) => receiver.push(wire("server", ...frames));
  /** The events but those of the bounds of a chunk. */
  const seen = () => events.filter(([name]) => name !== "begin" && name !== "end");
  return { receiver, transport, events, seen, push, on };
}

const messages = (...all: readonly string[]) => all.map((each) => ["message", each]);

describe("reading a chunk", () => {
  test("the frames of a chunk are passed on in their order, between the reports of its begin and its end", () => {
    const { events, push, receiver } = setUp();
    push(text("a"), { opcode: PING, payload: "b" }, { opcode: PONG, payload: "c" }, binary(Buffer.from("d")));
    const inside = [
      ["message", "a"],
      ["ping", "b"],
      ["pong", "c"],
      ["message", Buffer.from("d")],
    ];
    expect(events).toEqual([["begin"], ...inside, ["end"]]);
    expect(receiver.isAllRead).toBe(true);
  });

  test("RFC 6455 section 5.5.1: no frame behind a Close frame is read", () => {
    const { seen, push } = setUp();
    push(closeFrame(1000, "bye"), text("never"), { opcode: PING });
    expect(seen()).toEqual([["close", { code: 1000, reason: "bye" }]]);
  });

  test("a Close frame whose payload is invalid is reported as a violation", () => {
    const { seen, push } = setUp();
    push({ opcode: 8, payload: closePayload(1005) });
    expect(seen()).toEqual([["violation", Violations.CLOSE_CODE_INVALID.code]]);
  });

  test("a frame that breaks a rule is reported behind the messages before it", () => {
    const { seen, push } = setUp();
    push(text("a"), { ...text("b"), rsv: 2 });
    expect(seen()).toEqual([...messages("a"), ["violation", "RESERVED_BITS"]]);
  });

  test("a chunk that arrives while another one is being read comes behind it", () => {
    const { seen, push, on } = setUp();
    on.message = (message) => message === "a" && push(text("c"));
    push(text("a"), text("b"));
    expect(seen()).toEqual(messages("a", "b", "c"));
  });

  test("a receiver goes on after a listener has thrown in the middle of a chunk", () => {
    const { seen, push, on, receiver } = setUp();
    on.chunkBegin = () => {
      throw new Error("thrown by a write");
    };
    expect(() => push(text("lost"))).toThrow("thrown by a write");
    on.chunkBegin = () => {};
    push(text("next"));
    expect(seen()).toEqual(messages("next"));
    expect(receiver.isAllRead).toBe(true);
  });
});

describe("pause()", () => {
  test("pause() of a receiver stops the reading behind the current frame, and pauses the transport", () => {
    const { receiver, transport, seen, push, on } = setUp();
    on.message = () => receiver.pause();
    push(text("a"), text("b"));
    expect(seen()).toEqual(messages("a"));
    expect(transport.paused).toBe(true);
    expect(receiver).toMatchObject({ isPaused: true, isStopped: true, isAllRead: false });
  });

  test("pause() of a receiver keeps chunks that arrive all the same, and resume() reads them in their order", () => {
    const { receiver, seen, push, on } = setUp();
    on.message = () => receiver.pause();
    push(text("a"), text("b"));
    push(text("c"));
    on.message = () => {};
    receiver.resume();
    expect(seen()).toEqual(messages("a", "b", "c"));
    expect(receiver).toMatchObject({ isPaused: false, isStopped: false, isAllRead: true });
  });

  test("pause() of a receiver can be called again while resume() reads what was kept", () => {
    const { receiver, transport, seen, push, on } = setUp();
    on.message = () => receiver.pause();
    push(text("a"), text("b"), text("c"));
    receiver.resume();
    expect(seen()).toEqual(messages("a", "b"));
    expect(transport.paused).toBe(true);
    receiver.resume();
    expect(seen()).toEqual(messages("a", "b", "c"));
  });
});

describe("the end of the input", () => {
  test("the end of the input is reported once", () => {
    const { receiver, seen } = setUp();
    receiver.end();
    receiver.end();
    expect(seen()).toEqual([["input end"]]);
  });

  test("the end of the input is reported behind everything that arrived before and waits for resume()", () => {
    const { receiver, seen, push } = setUp();
    receiver.pause();
    push(text("a"));
    receiver.end();
    expect(seen()).toEqual([]);
    receiver.resume();
    expect(seen()).toEqual([...messages("a"), ["input end"]]);
  });

  test("the end of the input is reported behind a message that is decoded asynchronously", async () => {
    const codec = new SlowCodec();
    const { receiver, seen, push } = setUp([{ rsv: 0x40, codec }]);
    push({ opcode: TEXT, payload: reversed("a"), rsv: 4 });
    receiver.end();
    expect(seen()).toEqual([]);
    await codec.decoded();
    expect(seen()).toEqual([...messages("a"), ["input end"], ["caught up"]]);
  });

  test("the end of the input is reported later if abandon() was called while something was unread", async () => {
    const { receiver, seen, push } = setUp();
    receiver.pause();
    push(text("never"));
    receiver.end();
    receiver.abandon();
    expect(seen()).toEqual([]);
    await turn();
    expect(seen()).toEqual([["input end"]]);
  });
});

describe("abandon()", () => {
  test("abandon() of a receiver drops what is unread and what still arrives, and lets the transport go on to its end", async () => {
    const { receiver, transport, seen, push } = setUp();
    receiver.pause();
    push(text("never"));
    receiver.abandon();
    expect(transport.paused).toBe(false);
    transport.deliver(wire("server", text("never either")));
    transport.peerEnd();
    await turn();
    expect(seen()).toEqual([["input end"]]);
    expect(receiver.isAllRead).toBe(true);
  });

  test("abandon() of a receiver drops the rest of the chunk that is being read", () => {
    const { receiver, seen, push, on } = setUp();
    on.message = () => receiver.abandon();
    push(text("a"), text("never"));
    expect(seen()).toEqual(messages("a"));
    expect(receiver.isAllRead).toBe(true);
  });
});

describe("while a message is decoded asynchronously", () => {
  const slow = () => {
    const codec = new SlowCodec();
    const made = setUp([{ rsv: 0x40, codec }]);
    made.push({ opcode: TEXT, payload: reversed("slow"), rsv: 4 });
    return { ...made, codec };
  };

  test("pings are passed on while a message is decoded, and the first message behind it stops the reading", () => {
    const { seen, push, transport, receiver } = slow();
    push({ opcode: PING, payload: "p" });
    expect(transport.paused).toBe(false);
    push(text("behind"));
    expect(seen()).toEqual([["ping", "p"]]);
    expect(transport.paused).toBe(true);
    expect(receiver).toMatchObject({ isStopped: true, isPaused: false, isAllRead: false });
  });

  test("a Close frame and a violation keep their place behind a message that is being decoded", async () => {
    const { codec, seen, push } = slow();
    push({ ...text("x"), rsv: 2 });
    await codec.decoded();
    expect(seen()).toEqual([...messages("slow"), ["violation", "RESERVED_BITS"], ["caught up"]]);
  });

  test("reading goes on once everything behind an asynchronously decoded message was passed on", async () => {
    const { codec, seen, push, transport } = slow();
    push(text("behind"), text("unread"));
    await codec.decoded();
    expect(seen()).toEqual([...messages("slow", "behind", "unread"), ["caught up"]]);
    expect(transport.paused).toBe(false);
  });

  test("resume() does not read past a message that is being decoded", () => {
    const { receiver, transport, push } = slow();
    push(text("behind"));
    receiver.pause();
    receiver.resume();
    expect(transport.paused).toBe(true);
  });

  test("discardDecoding() abandons the message being decoded and everything behind it", async () => {
    const { codec, receiver, seen, push } = slow();
    push(text("behind"), text("unread"));
    receiver.discardDecoding();
    expect(receiver.isAllRead).toBe(true);
    await codec.decoded();
    expect(seen()).toEqual([]);
  });
});
