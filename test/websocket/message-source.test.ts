import { expect, test } from "vitest";
import { MessageSource } from "../../src/websocket/message-source.ts";
import { turn } from "../support/connection-harness.ts";
import { outcome } from "../support/stream-harness.ts";

/** A source, and what it asks of the connection. */
function make() {
  const calls: unknown[] = [];
  const source = new MessageSource({ pause: () => calls.push("pause"), resume: () => calls.push("resume") }, (reason) =>
    calls.push(["cancel", reason]),
  );
  return { source, calls };
}

test("the connection goes on with one message that nobody has read, and stops at the second", async () => {
  const { source, calls } = make();
  await turn();
  source.put("one");
  expect(calls).toEqual([]);
  source.put("two");
  expect(calls).toEqual(["pause"]);
});

test("the connection goes on when all messages were read, and not before", async () => {
  const { source, calls } = make();
  source.put("one");
  source.put("two");
  const reader = source.stream.getReader();
  expect(await reader.read()).toEqual({ value: "one", done: false });
  await turn();
  expect(calls).toEqual(["pause"]);
  expect(await reader.read()).toEqual({ value: "two", done: false });
  await turn();
  expect(calls).toEqual(["pause", "resume"]);
});

test("a reader that waits for each message never stops the connection", async () => {
  const { source, calls } = make();
  const reader = source.stream.getReader();
  for (let each = 0; each < 10; each++) {
    const read = reader.read();
    source.put(String(each));
    expect(await read).toEqual({ value: String(each), done: false });
  }
  expect(calls).toEqual([]);
});

test("messages that come before resume() returns are taken in order", async () => {
  const waiting = ["three", "four", "five"];
  let isPaused = false;
  const gate = {
    pause: () => {
      isPaused = true;
    },
    resume: () => {
      isPaused = false;
      while (!isPaused && waiting.length > 0) source.put(waiting.shift() as string);
    },
  };
  const source = new MessageSource(gate, () => {});
  source.put("one");
  source.put("two");
  const reader = source.stream.getReader();
  for (const value of ["one", "two", "three", "four", "five"]) {
    expect(await reader.read()).toEqual({ value, done: false });
  }
});

test("after close() what was not read can still be read, and then the stream is done", async () => {
  const { source } = make();
  source.put("one");
  source.put("two");
  source.close();
  source.error(new Error("too late"));
  const reader = source.stream.getReader();
  expect(await reader.read()).toEqual({ value: "one", done: false });
  expect(await reader.read()).toEqual({ value: "two", done: false });
  expect(await reader.read()).toEqual({ value: undefined, done: true });
});

test("after error() every read is rejected with it, a waiting one too", async () => {
  const { source } = make();
  const error = new Error("cut off");
  const reader = source.stream.getReader();
  reader.closed.catch(() => {});
  const read = outcome(reader.read());
  source.error(error);
  source.put("too late");
  source.close();
  expect(await read).toEqual({ rejected: error });
  expect(await outcome(reader.read())).toEqual({ rejected: error });
});

test("drop() lets the connection go on, and what comes then is not delivered", async () => {
  const { source, calls } = make();
  source.put("one");
  source.put("two");
  source.drop();
  source.put("three");
  source.release();
  source.put("four");
  source.close();
  expect(calls).toEqual(["pause", "resume"]);
  const reader = source.stream.getReader();
  expect(await reader.read()).toEqual({ value: "one", done: false });
  expect(await reader.read()).toEqual({ value: "two", done: false });
  expect(await reader.read()).toEqual({ value: undefined, done: true });
});

test("release() lets the connection go on for good, and everything is delivered", async () => {
  const { source, calls } = make();
  source.put("one");
  source.put("two");
  source.release();
  for (const each of ["three", "four", "five"]) source.put(each);
  source.close();
  expect(calls).toEqual(["pause", "resume"]);
  const all: unknown[] = [];
  for await (const chunk of source.stream) all.push(chunk);
  expect(all).toEqual(["one", "two", "three", "four", "five"]);
});

test("cancel() reports its reason, and what comes afterwards is dropped without an error", async () => {
  const { source, calls } = make();
  const reason = new Error("enough");
  await source.stream.cancel(reason);
  source.put("one");
  source.close();
  source.error(new Error("too late"));
  expect(calls).toEqual([["cancel", reason]]);
});
