import { describe, expect, test, vi } from "vitest";
import { ReaderPool } from "../../src/endpoint/message-reader.ts";
import type { Receiver, ReceiverListener } from "../../src/endpoint/receiver.ts";
import { ReceiverPool } from "../../src/endpoint/receiver-pool.ts";
import { MessagePipeline } from "../../src/extensions/index.ts";
import { type MessageForm, STRING_OR_BUFFER } from "../../src/framing/index.ts";
import { PromptCodec, SlowCodec } from "../connection/codecs.ts";
import { closeFrame, text, turn, wire } from "../support/connection-harness.ts";
import { FakeTransport } from "../support/fake-transport.ts";
import type { FrameSpec } from "../support/frames.ts";

type Message = string | Buffer;

function newPool() {
  const form: MessageForm<Message> = STRING_OR_BUFFER;
  const readers = new ReaderPool("server", 1000, form);
  return new ReceiverPool<Message>({ readers, form, maxPayload: 1000, maxStreamPayload: 1000, role: "server" });
}

function listener() {
  const messages: Message[] = [];
  const nothing = vi.fn();
  const all: ReceiverListener<Message> = {
    onMessage: (_opcode, message) => void messages.push(message),
    ...{ onPing: nothing, onPong: nothing, onCloseFrame: nothing, onViolation: nothing, onPieceRead: nothing },
    ...{ onChunkBegin: nothing, onChunkEnd: nothing, onCaughtUp: nothing, onInputEnd: nothing },
  };
  return { messages, all };
}

const push = (receiver: Receiver<Message>, ...frames: FrameSpec[]) => receiver.push(wire("server", ...frames));

test("one receiver serves endpoints in turn, each with its own listener and extensions", () => {
  const pool = newPool();
  const receivers = new Set<Receiver<Message>>();
  for (const [index, payload] of ["plain", "decoded", "plain"].entries()) {
    const { messages, all } = listener();
    const codec = new PromptCodec();
    const pipeline = payload === "decoded" ? new MessagePipeline([{ rsv: 0x40, codec }]) : null;
    const receiver = pool.take(new FakeTransport(), pipeline, all);
    receivers.add(receiver);
    push(receiver, pipeline === null ? text(payload) : { ...text(payload), rsv: 4 });
    expect(messages, `endpoint ${index}`).toHaveLength(1);
    expect(receiver.isIdle).toBe(true);
    pool.giveBack(receiver);
  }
  expect(receivers.size).toBe(1);
});

test("endpoints that read at the same time have receivers of their own", () => {
  const pool = newPool();
  expect(pool.take(new FakeTransport(), null, listener().all)).not.toBe(
    pool.take(new FakeTransport(), null, listener().all),
  );
});

describe("a receiver is not idle", () => {
  const taken = (pipeline: MessagePipeline | null = null) => {
    const receiver = newPool().take(new FakeTransport(), pipeline, listener().all);
    return receiver;
  };

  test("a receiver is not idle while a message is incomplete", () => {
    const receiver = taken();
    push(receiver, { ...text("a"), fin: false });
    expect(receiver.isIdle).toBe(false);
    push(receiver, { opcode: 0, payload: "b" });
    expect(receiver.isIdle).toBe(true);
  });

  test("a receiver is not idle while it is paused, with or without bytes to read", () => {
    const receiver = taken();
    receiver.pause();
    expect(receiver.isIdle).toBe(false);
    push(receiver, text("a"));
    receiver.resume();
    expect(receiver.isIdle).toBe(true);
  });

  test("a receiver is not idle while a message is decoded asynchronously", async () => {
    const codec = new SlowCodec();
    const receiver = taken(new MessagePipeline([{ rsv: 0x40, codec }]));
    push(receiver, { ...text("a"), rsv: 4 });
    expect(receiver.isIdle).toBe(false);
    await codec.decoded();
    await turn();
    expect(receiver.isIdle).toBe(true);
  });

  test("a receiver is not idle once its input has ended, or is not wanted any more", () => {
    const [ended, abandoned, closed] = [taken(), taken(), taken()];
    ended.end();
    abandoned.abandon();
    push(closed, closeFrame(1000));
    closed.abandon();
    expect([ended.isIdle, abandoned.isIdle, closed.isIdle]).toEqual([false, false, false]);
  });

  test("a receiver is not idle after a violation", () => {
    const receiver = taken();
    push(receiver, { ...text("a"), rsv: 4 });
    expect(receiver.isIdle).toBe(false);
  });

  test("a receiver is not idle once messages were wanted in pieces", () => {
    const receiver = taken();
    receiver.readPieces({ onMessageBegin() {}, onPiece() {}, onMessageEnd() {} });
    expect(receiver.isIdle).toBe(false);
  });
});

test("a receiver that was given back holds neither transport nor listener", () => {
  const pool = newPool();
  const receiver = pool.take(new FakeTransport(), null, listener().all);
  pool.giveBack(receiver);
  expect(() => push(receiver, text("a"))).toThrow(TypeError);
});
