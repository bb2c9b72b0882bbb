import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { readerOf, type SourceReader } from "../../src/connection/send-source.ts";
import { argumentError } from "../support/argument-error.ts";
import { turn } from "../support/connection-harness.ts";

async function rest(reader: SourceReader): Promise<unknown[]> {
  const all: unknown[] = [];
  for (let next = await reader.next(); next.done !== true; next = await reader.next()) all.push(next.value);
  return all;
}

describe("a source", () => {
  test.each([
    ["a list", () => ["a", "b"]],
    ["a list of promises", () => [Promise.resolve("a"), "b"]],
    [
      "an async generator",
      async function* () {
        yield "a";
        yield "b";
      },
    ],
    ["a node stream", () => Readable.from(["a", "b"])],
    ["a web stream", () => ReadableStream.from(["a", "b"])],
  ])("may be %s", async (_what, make) => {
    expect(await rest(readerOf(make()))).toEqual(["a", "b"]);
  });

  test.each([
    ["text", /not "text": use send\(\) for a whole message/],
    [Buffer.from("bytes"), /use send\(\) for a whole message/],
    [5, /must be iterable/],
    [null, /must be iterable/],
    [{}, /must be iterable/],
  ])("cannot be %o", (source, message) => {
    expect(() => readerOf(source)).toThrow(argumentError(TypeError, "ARGUMENT_INVALID", message));
  });
});

test("a node stream that fails before it is read throws no uncaught error, and its next() is rejected", async () => {
  const failure = new Error("the disk is gone");
  const stream = new Readable({ read() {} });
  const reader = readerOf(stream);
  stream.destroy(failure);
  await turn();
  expect([stream.destroyed, stream.listenerCount("error")]).toEqual([true, 1]);
  await expect(reader.next()).rejects.toBe(failure);
});

test("a node stream that was read to its end has no more listeners than after a loop", async () => {
  const [stream, looped] = [Readable.from(["a"]), Readable.from(["a"])];
  expect(await rest(readerOf(stream))).toEqual(["a"]);
  for await (const piece of looped) expect(piece).toBe("a");
  expect(stream.listenerCount("error")).toBe(looped.listenerCount("error"));
});

describe("cancel()", () => {
  test("runs the finally block of a generator", async () => {
    let isOver = false;
    const reader = readerOf(
      (function* () {
        try {
          yield "a";
        } finally {
          isOver = true;
        }
      })(),
    );
    await reader.next();
    reader.cancel(null);
    expect(isOver).toBe(true);
  });

  test("runs the finally block of a generator that cancels within itself", async () => {
    let isOver = false;
    const own: { reader?: SourceReader } = {};
    own.reader = readerOf(
      (function* () {
        try {
          own.reader?.cancel(null);
          yield "a";
        } finally {
          isOver = true;
        }
      })(),
    );
    await own.reader.next();
    expect(isOver).toBe(true);
  });

  test("does not throw what destroy() of a node stream throws", async () => {
    const stream = new Readable({ read() {} });
    stream.destroy = () => {
      throw new Error("broken");
    };
    const reader = readerOf(stream);
    expect(() => reader.cancel(null)).not.toThrow();
  });

  test("destroys a node stream that never gives anything", async () => {
    const stream = new Readable({ read() {} });
    const reader = readerOf(stream);
    void reader.next().catch(() => {});
    reader.cancel(null);
    await turn();
    expect(stream.destroyed).toBe(true);
  });

  test("cancels a web stream that never gives anything, with the reason", async () => {
    const given: unknown[] = [];
    const reader = readerOf(new ReadableStream({ cancel: (reason) => void given.push(reason) }));
    void reader.next();
    reader.cancel("why");
    await turn();
    expect(given).toEqual(["why"]);
  });

  test("does not throw what the source throws", async () => {
    const broken = {
      [Symbol.iterator]: () => ({
        next: () => ({ done: false, value: "a" }),
        return() {
          throw new Error("broken");
        },
      }),
    };
    const reader = readerOf(broken);
    expect(() => reader.cancel(null)).not.toThrow();
  });
});
