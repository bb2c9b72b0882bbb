/** WebSocketStreams between other streams, over real sockets. */
import { once } from "node:events";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { type Connection, WebSocketError, WebSocketStream } from "../../src/index.ts";
import { closed, echo, serve } from "../support/servers.ts";
import { settled } from "../support/stream-harness.ts";

/** An open stream, and the server's connection. */
async function connected(accept: (connection: Connection) => void = () => {}) {
  const { server, url } = await serve();
  const accepted = once(server, "connection") as Promise<[Connection]>;
  server.on("connection", accept);
  const stream = new WebSocketStream(url);
  const { readable, writable } = await stream.opened;
  const [connection] = await accepted;
  return { stream, readable, writable, connection };
}

async function all<Chunk>(stream: ReadableStream<Chunk>): Promise<Chunk[]> {
  const chunks: Chunk[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

function streamOf<Chunk>(...chunks: readonly Chunk[]): ReadableStream<Chunk> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

describe("pipeThrough()", () => {
  test("a TextDecoderStream joins characters that the server has cut", async () => {
    const bytes = Buffer.from("aé✓😀".repeat(50));
    const { readable } = await connected((connection) => {
      for (let at = 0; at < bytes.length; at += 3) connection.send(bytes.subarray(at, at + 3));
      connection.close(1000);
    });
    const texts = await all((readable as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream() as never));
    expect(texts.join("")).toBe("aé✓😀".repeat(50));
  });

  test("a CompressionStream's chunks are sent as binary messages, and the end closes the connection", async () => {
    const text = "what is sent often ".repeat(10_000);
    const { stream, writable, connection } = await connected();
    const received: Buffer[] = [];
    connection.on("message", (data) => received.push(data as Buffer));
    const end = closed(connection);
    const source = streamOf(Buffer.from(text.slice(0, 1000)), Buffer.from(text.slice(1000)));
    await source.pipeThrough(new CompressionStream("gzip") as never).pipeTo(writable as never);
    expect(await stream.closed).toEqual({ closeCode: 1005, reason: "" });
    expect(await end).toEqual([1005, ""]);
    expect(gunzipSync(Buffer.concat(received)).toString()).toBe(text);
  });
});

describe("pipeTo()", () => {
  test("the readable into the writable sends everything back in order", async () => {
    const { stream, readable, writable, connection } = await connected();
    const messages = Array.from({ length: 500 }, (_, number) =>
      number % 2 === 0 ? `${number}` : Buffer.alloc(number),
    );
    const received: unknown[] = [];
    connection.on("message", (data) => {
      if (received.push(data) === messages.length) connection.close(4000, "all");
    });
    const piped = settled(readable.pipeTo(writable as never));
    for (const message of messages) connection.send(message);
    expect(await stream.closed).toEqual({ closeCode: 4000, reason: "all" });
    expect(received).toEqual(messages);
    expect(await piped).toMatchObject({ rejected: { name: "InvalidStateError" } });
  });

  test("with a source that fails aborts the writable: the Close frame has the code of a WebSocketError", async () => {
    const { stream, writable, connection } = await connected();
    const end = closed(connection);
    const error = new WebSocketError("no more", { closeCode: 4100, reason: "source failed" });
    const source = new ReadableStream({
      pull(controller) {
        controller.error(error);
      },
    });
    expect(await settled(source.pipeTo(writable))).toEqual({ rejected: error });
    expect(await end).toEqual([4100, "source failed"]);
    expect(await stream.closed).toEqual({ closeCode: 4100, reason: "source failed" });
  });

  test("with a target that fails cancels the readable, and closes the connection without a code", async () => {
    const { stream, readable, connection } = await connected((each) => void each.send("for a broken target"));
    const end = closed(connection);
    const target = new WritableStream({
      write() {
        throw new Error("disk full");
      },
    });
    // The error is seen by the next chunk.
    connection.send("another one");
    expect(await settled(readable.pipeTo(target))).toMatchObject({ rejected: { message: "disk full" } });
    expect(await end).toEqual([1005, ""]);
    expect(await stream.closed).toEqual({ closeCode: 1005, reason: "" });
  });

  test("between two connections passes an unclean end on as a Close frame without a code", async () => {
    const [from, to] = [await connected(), await connected()];
    const end = closed(to.connection);
    const piped = settled(from.readable.pipeTo(to.writable as never));
    from.connection.terminate();
    expect(await piped).toMatchObject({ rejected: { name: "WebSocketError", closeCode: 1006 } });
    expect(await end).toEqual([1005, ""]);
    expect(await to.stream.closed).toEqual({ closeCode: 1005, reason: "" });
  });

  test("to a slow target holds messages back, and loses none", async () => {
    const { readable, connection } = await connected();
    for (let number = 0; number < 300; number++) connection.send(`${number}`);
    connection.close(1000);
    const received: unknown[] = [];
    const target = new WritableStream({
      async write(chunk) {
        await new Promise(setImmediate);
        received.push(chunk);
      },
    });
    await readable.pipeTo(target);
    expect(received).toEqual(Array.from({ length: 300 }, (_, number) => `${number}`));
  });
});

test("tee() gives both branches every message", async () => {
  const { readable, connection } = await connected();
  for (let number = 0; number < 50; number++) connection.send(`${number}`);
  connection.close(1000);
  const [one, other] = readable.tee();
  const [ones, others] = await Promise.all([all(one), all(other)]);
  expect(ones).toHaveLength(50);
  expect(others).toEqual(ones);
});

test("a loop that breaks cancels the readable and closes the connection", async () => {
  const { server, url } = await serve();
  echo(server);
  const stream = new WebSocketStream(url);
  const { readable, writable } = await stream.opened;
  void writable.getWriter().write("one");
  for await (const chunk of readable) {
    expect(chunk).toBe("one");
    break;
  }
  expect(await stream.closed).toEqual({ closeCode: 1005, reason: "" });
});
