import { describe, expect, test, vi } from "vitest";
import { MessageIterator } from "../../src/connection/message-iterator.ts";
import { MessageQueue } from "../../src/connection/message-queue.ts";

function setUp() {
  const queue = new MessageQueue();
  const listener = { onTaken: vi.fn(), onIterationEnd: vi.fn() };
  const iterator = new MessageIterator(queue, listener);
  const put = (message: string) => {
    queue.put(message);
    iterator.settle();
  };
  const end = (error: Error | null = null) => iterator.end({ error, firstError: error });
  return { iterator, listener, put, end };
}

const DONE = { done: true, value: undefined };

test("a MessageIterator takes a message that waits, and waits for one that does not", async () => {
  const { iterator, listener, put } = setUp();
  put("a");
  expect(listener.onTaken).not.toHaveBeenCalled();
  expect(await iterator.next()).toEqual({ done: false, value: "a" });
  const next = iterator.next();
  put("b");
  expect(await next).toEqual({ done: false, value: "b" });
  expect(listener.onTaken).toHaveBeenCalledTimes(2);
});

test("overlapping calls of next() get the messages in their order", async () => {
  const { iterator, put } = setUp();
  const all = Promise.all([iterator.next(), iterator.next(), iterator.next()]);
  put("a");
  put("b");
  put("c");
  expect((await all).map(({ value }) => value)).toEqual(["a", "b", "c"]);
});

describe("at the end of the input", () => {
  test("a MessageIterator gives out the remaining messages before the end", async () => {
    const { iterator, listener, put, end } = setUp();
    put("a");
    end();
    expect(listener.onIterationEnd).not.toHaveBeenCalled();
    expect(await iterator.next()).toEqual({ done: false, value: "a" });
    expect(await iterator.next()).toEqual(DONE);
    expect(await iterator.next()).toEqual(DONE);
    expect(listener.onIterationEnd).toHaveBeenCalledTimes(1);
  });

  test("all pending calls of next() are settled at the end", async () => {
    const { iterator, end } = setUp();
    const all = Promise.all([iterator.next(), iterator.next()]);
    end();
    expect(await all).toEqual([DONE, DONE]);
  });

  test("a MessageIterator throws once if the connection was cut off, and is done then", async () => {
    const { iterator, listener, end } = setUp();
    const [first, second] = [iterator.next(), iterator.next()];
    const error = new Error("cut off");
    end(error);
    await expect(first).rejects.toBe(error);
    expect(await second).toEqual(DONE);
    expect(await iterator.next()).toEqual(DONE);
    expect(listener.onIterationEnd).toHaveBeenCalledTimes(1);
  });
});

describe("return", () => {
  test("return() ends the iteration for pending calls of next() as well, once", async () => {
    const { iterator, listener, put } = setUp();
    const waiting = iterator.next();
    expect(await iterator.return()).toEqual(DONE);
    expect(await iterator.return()).toEqual(DONE);
    expect(await waiting).toEqual(DONE);
    put("a");
    expect(await iterator.next()).toEqual(DONE);
    expect(listener.onIterationEnd).toHaveBeenCalledTimes(1);
    expect(listener.onTaken).not.toHaveBeenCalled();
  });
});

test("a MessageIterator is its own iterable", () => {
  const { iterator } = setUp();
  expect(iterator[Symbol.asyncIterator]()).toBe(iterator);
});
