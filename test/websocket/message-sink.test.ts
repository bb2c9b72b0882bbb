import { describe, expect, test } from "vitest";
import type { SendResult } from "../../src/endpoint/sender.ts";
import { type MessageOutlet, MessageSink } from "../../src/websocket/message-sink.ts";
import { turn } from "../support/connection-harness.ts";
import { domException } from "../support/dom-exception.ts";
import { outcome, settled } from "../support/stream-harness.ts";

const CLOSED_ERROR = domException("InvalidStateError", /closed WebSocketStream cannot be written to/);

/** A sink whose outlet answers every send with `result`, and what it asks of the connection. */
async function make(result: SendResult, changes: Partial<MessageOutlet> = {}) {
  const calls: unknown[] = [];
  const sink = new MessageSink({
    send: (chunk) => {
      calls.push(["send", chunk]);
      return result;
    },
    isClosedHere: () => false,
    onClose: () => calls.push("close"),
    onAbort: (reason) => calls.push(["abort", reason]),
    onWaitForEnd: () => calls.push("wait for end"),
    ...changes,
  });
  const writer = sink.stream.getWriter();
  for (const promise of [writer.closed, writer.ready]) promise.catch(() => {});
  await turn();
  return { sink, writer, calls };
}

describe("write()", () => {
  test("step 6.3: ends at once if there is room", async () => {
    const { writer, calls, sink } = await make("sent");
    expect(await outcome(writer.write("one"))).toEqual({ resolved: undefined });
    expect(await outcome(writer.write(new Uint8Array([1])))).toEqual({ resolved: undefined });
    expect(calls).toEqual([
      ["send", "one"],
      ["send", new Uint8Array([1])],
    ]);
    expect(sink.hasUnsent).toBe(false);
  });

  test("step 6.1: ends when there is room again, and the next chunk waits until then", async () => {
    const { sink, writer, calls } = await make("full");
    const [one, two] = [writer.write("one"), writer.write("two")];
    expect(await outcome(one)).toBe("pending");
    expect(calls).toEqual([["send", "one"]]);
    expect(sink.hasUnsent).toBe(true);
    sink.onDrain();
    expect(await outcome(one)).toEqual({ resolved: undefined });
    expect(calls).toHaveLength(2);
    expect(await outcome(two)).toBe("pending");
  });

  test("step 6.2: what is written after the application has closed the connection is dropped, and the write ends", async () => {
    const { writer } = await make("closed", { isClosedHere: () => true });
    expect(await outcome(writer.write("dropped"))).toEqual({ resolved: undefined });
  });

  test("waits for the end, and is rejected with its error, if the connection fails", async () => {
    const { sink, writer, calls } = await make("closed");
    const write = writer.write("lost");
    expect(await outcome(write)).toBe("pending");
    expect(calls).toContainEqual("wait for end");
    const failure = new Error("cut off");
    sink.onEnd(failure);
    expect(await outcome(write)).toEqual({ rejected: failure });
    expect(await outcome(writer.closed)).toEqual({ rejected: failure });
  });

  test("is rejected although the connection ends within the very call", async () => {
    const failure = new Error("cut off");
    const { sink, writer } = await make("closed", { onWaitForEnd: () => sink.onEnd(failure) });
    expect(await outcome(writer.write("lost"))).toEqual({ rejected: failure });
    const inSend = await make("closed", {
      send: () => {
        inSend.sink.onEnd(failure);
        return "closed";
      },
    });
    expect(await outcome(inSend.writer.write("lost"))).toEqual({ rejected: failure });
  });

  test("step 5.1: a chunk that cannot be converted rejects and errors the stream; the connection stays open", async () => {
    const { sink, writer, calls } = await make("sent");
    expect(await outcome(writer.write(Symbol("s")))).toEqual({ rejected: expect.any(TypeError) });
    expect(await outcome(writer.write("next"))).toEqual({ rejected: expect.any(TypeError) });
    sink.onEnd(null);
    expect(calls).toEqual([]);
  });
});

describe("close()", () => {
  test("ends only when the connection has ended cleanly", async () => {
    const { sink, writer, calls } = await make("sent");
    const close = writer.close();
    expect(await outcome(close)).toBe("pending");
    expect(calls).toEqual(["close"]);
    sink.onEnd(null);
    expect(await outcome(close)).toEqual({ resolved: undefined });
    expect(await outcome(writer.closed)).toEqual({ resolved: undefined });
    expect(await outcome(writer.ready)).toEqual({ resolved: undefined });
  });

  test("is rejected with the error of an unclean end", async () => {
    const { sink, writer } = await make("sent");
    const close = writer.close();
    await turn();
    const failure = new Error("cut off");
    sink.onEnd(failure);
    expect(await outcome(close)).toEqual({ rejected: failure });
    expect(await outcome(writer.closed)).toEqual({ rejected: failure });
  });

  test("comes after the write before it", async () => {
    const { sink, writer, calls } = await make("full");
    const write = writer.write("last");
    const close = writer.close();
    await turn();
    expect(calls).toEqual([["send", "last"]]);
    sink.onDrain();
    await write;
    await turn();
    expect(calls).toEqual([["send", "last"], "close"]);
    sink.onEnd(null);
    expect(await outcome(close)).toEqual({ resolved: undefined });
  });
});

describe("abort()", () => {
  test("does not wait for a write that a peer delays which does not read: the write is rejected with the reason", async () => {
    const { writer, calls, sink } = await make("full");
    const write = settled(writer.write("stuck"));
    await turn();
    const reason = new Error("enough");
    expect(await outcome(writer.abort(reason))).toEqual({ resolved: undefined });
    expect(await write).toEqual({ rejected: reason });
    expect(calls).toEqual([
      ["send", "stuck"],
      ["abort", reason],
    ]);
    expect(sink.hasUnsent).toBe(false);
  });

  test("leaves a close that is under way to the end of the connection", async () => {
    const { writer, sink, calls } = await make("sent");
    const close = writer.close();
    await turn();
    const abort = writer.abort("late");
    expect(await outcome(abort)).toBe("pending");
    sink.onEnd(null);
    expect([await outcome(close), await outcome(abort)]).toEqual([{ resolved: undefined }, { resolved: undefined }]);
    expect(calls).toEqual(["close"]);
  });
});

describe("the end of the connection", () => {
  test("errors the stream with an InvalidStateError if it was clean", async () => {
    const { sink, writer } = await make("sent");
    sink.onEnd(null);
    expect(await outcome(writer.closed)).toEqual({ rejected: CLOSED_ERROR });
    expect(await outcome(writer.write("late"))).toEqual({ rejected: CLOSED_ERROR });
  });

  test("errors the stream with the error of an unclean end", async () => {
    const { sink, writer } = await make("sent");
    const failure = new Error("cut off");
    sink.onEnd(failure);
    expect(await outcome(writer.ready)).toEqual({ rejected: failure });
  });

  test("rejects a write that waits for room by the error that the stream already has", async () => {
    const { sink, writer } = await make("full");
    const write = writer.write("stuck");
    await turn();
    sink.onClosedByPeer();
    expect(await outcome(write)).toBe("pending");
    expect(sink.hasUnsent).toBe(true);
    sink.onEnd(new Error("not clean"));
    expect(await outcome(write)).toEqual({ rejected: CLOSED_ERROR });
    expect(await outcome(writer.closed)).toEqual({ rejected: CLOSED_ERROR });
  });

  test("lets a write end that has left after the peer's Close frame", async () => {
    const { sink, writer } = await make("full");
    const write = writer.write("last");
    await turn();
    sink.onClosedByPeer();
    sink.onDrain();
    expect(await outcome(write)).toEqual({ resolved: undefined });
    sink.onEnd(null);
    expect(await outcome(writer.closed)).toEqual({ rejected: CLOSED_ERROR });
  });
});
