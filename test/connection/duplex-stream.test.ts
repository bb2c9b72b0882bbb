import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { Duplex, PassThrough, Readable, Transform, Writable } from "node:stream";
import { text as textOf } from "node:stream/consumers";
import { finished, pipeline } from "node:stream/promises";
import { describe, expect, test } from "vitest";
import WebSocket, { createWebSocketStream as createWsStream } from "ws";
import { type Connection, createWebSocketStream, type WebSocketDuplexOptions } from "../../src/index.ts";
import { argumentError } from "../support/argument-error.ts";
import { CARRIERS, carried, framesFor } from "../support/carriers.ts";
import { closeFrame, open, sentMessages, text, turn } from "../support/connection-harness.ts";
import { BINARY, CLOSE } from "../support/frames.ts";
import { open as openClient, serve } from "../support/servers.ts";

/** Two connections of ours, and each as a stream. */
async function pair(
  options: WebSocketDuplexOptions = {},
): Promise<{ ours: Duplex; theirs: Duplex; both: Connection[] }> {
  const { server, url } = await serve();
  const accepted = once(server, "connection");
  const client = await openClient(url);
  const [connection] = (await accepted) as [Connection];
  const [ours, theirs] = [createWebSocketStream(client, options), createWebSocketStream(connection, options)];
  return { ours, theirs, both: [client, connection] };
}

/** Reads so many bytes. */
async function read(stream: Readable, length: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  while (size < length) {
    const chunk = stream.read() as Buffer | null;
    if (chunk === null) await once(stream, "readable");
    else size += chunks.push(chunk) && chunk.length;
  }
  return Buffer.concat(chunks);
}

describe("pipeline()", () => {
  test("carries bytes through a peer's stream and back, and closes with 1000", async () => {
    const { ours, theirs, both } = await pair();
    const bytes = randomBytes(3_000_000);
    const returned = pipeline(theirs, new PassThrough(), theirs);
    ours.write(bytes);
    // Once our side has ended, the peer can send nothing any more (RFC 6455 section 5.5.1).
    const got = await read(ours, bytes.length);
    ours.end();
    await Promise.all([finished(ours.resume()), returned]);
    expect(got.equals(bytes)).toBe(true);
    expect(both.map(({ closeCode, error }) => [closeCode, error])).toEqual([
      [1000, null],
      [1000, null],
    ]);
  });

  test("carries messages in object mode: strings as text, Buffers as binary, empty ones included", async () => {
    const { ours, theirs } = await pair({ objectMode: true });
    const messages = ["one", Buffer.from([1, 2]), "", Buffer.alloc(0), "zwölf"];
    const got: unknown[] = [];
    const sink = new Writable({
      objectMode: true,
      write(chunk, _encoding, callback) {
        got.push(chunk);
        callback();
      },
    });
    await Promise.all([pipeline(Readable.from(messages), ours), pipeline(theirs, sink)]);
    expect(got).toEqual(messages);
  });

  test("destroys the stream and ends the connection when the source fails", async () => {
    const { ours, theirs, both } = await pair();
    theirs.on("error", () => {});
    const failure = new Error("the disk is gone");
    const source = Readable.from(
      (async function* () {
        yield Buffer.from("first");
        throw failure;
      })(),
    );
    await expect(pipeline(source, ours)).rejects.toBe(failure);
    expect(ours.destroyed).toBe(true);
    expect(await (both[0] as Connection).closed).toMatchObject({ error: { code: "TERMINATED" } });
    await expect(finished(theirs)).rejects.toMatchObject({ name: "ConnectionError" });
  });

  test("works with web streams in both directions", async () => {
    const { ours, theirs } = await pair();
    const web = Duplex.toWeb(ours);
    const writer = web.writable.getWriter();
    await writer.write(Buffer.from("from the web"));
    theirs.resume();
    const [echoed] = await once(theirs, "data");
    expect(String(echoed)).toBe("from the web");
    theirs.end("back");
    const reader = web.readable.getReader();
    expect(Buffer.from((await reader.read()).value as Uint8Array).toString()).toBe("back");
    expect((await reader.read()).done).toBe(true);
  });
});

describe.each(CARRIERS)("over %s", (carrier) => {
  test("end() sends a Close frame with 1000 behind the bytes, and 'finish' follows the peer's answer", async () => {
    const { connection, peer, role } = await carried(carrier);
    const stream = createWebSocketStream(connection);
    stream.resume();
    stream.end("last bytes");
    const first = await peer.frame();
    const second = await peer.frame();
    expect([first.opcode, String(first.payload)]).toEqual([BINARY, "last bytes"]);
    expect([second.opcode, second.payload.readUInt16BE()]).toEqual([CLOSE, 1000]);
    expect(stream.writableFinished).toBe(false);
    peer.socket.end(framesFor(role, closeFrame(1000)));
    await finished(stream);
    expect([stream.writableFinished, stream.readableEnded, connection.closeCode]).toEqual([true, true, 1000]);
  });

  test("the peer's Close frame ends both directions behind its messages", async () => {
    const { connection, peer, role } = await carried(carrier);
    const stream = createWebSocketStream(connection, { encoding: "utf8" });
    peer.socket.end(framesFor(role, text("a"), text("é"), closeFrame(4000)));
    expect(await textOf(stream)).toBe("aé");
    await finished(stream);
    expect(stream.destroyed).toBe(true);
  });

  test("a connection that is cut off destroys the stream with its error, behind the messages before", async () => {
    const { connection, peer, role } = await carried(carrier);
    const stream = createWebSocketStream(connection, { objectMode: true });
    peer.socket.end(framesFor(role, text("a"), text("b")));
    const got: unknown[] = [];
    const failed = (async () => {
      for await (const message of stream) got.push(message);
    })();
    await expect(failed).rejects.toMatchObject({ name: "ConnectionError", code: "CUT_OFF" });
    expect(got).toEqual(["a", "b"]);
  });

  test("nobody has to read for a cut-off connection to destroy the stream", async () => {
    const { connection, peer } = await carried(carrier);
    const stream = createWebSocketStream(connection);
    peer.socket.destroy();
    const [error] = await once(stream, "error");
    expect(error).toMatchObject({ name: "ConnectionError" });
    if (!stream.closed) await once(stream, "close");
    expect(stream.destroyed).toBe(true);
  });

  test("a reader that does not read stops the peer", async () => {
    const { connection, peer, role } = await carried(carrier, { maxQueuedAmount: 10_000 });
    createWebSocketStream(connection, { highWaterMark: 1000 }).on("error", () => {});
    const payload = Buffer.alloc(65_536);
    const bytes = framesFor(role, { opcode: BINARY, payload });
    let written = 0;
    while (written < 64 << 20 && peer.socket.write(bytes)) {
      written += bytes.length;
      await turn();
    }
    const before = connection.bufferedAmount;
    expect(written).toBeLessThan(64 << 20);
    expect(before).toBe(0);
  });
});

describe("the types of messages", () => {
  test("strings that are written become binary messages by default", async () => {
    const opened = open();
    const stream = createWebSocketStream(opened.connection);
    stream.write("é");
    stream.write("e9", "hex");
    await turn();
    expect(sentMessages(opened)).toEqual([Buffer.from("é"), Buffer.from([0xe9])]);
    stream.on("error", () => {}).destroy();
  });

  test("without decodeStrings a string is text, unless it has another encoding", async () => {
    const opened = open();
    const stream = createWebSocketStream(opened.connection, { decodeStrings: false });
    stream.write("é");
    stream.write("e9", "hex");
    stream.write("è", "UTF8" as BufferEncoding);
    stream.write(Buffer.from("bytes"));
    await turn();
    expect(sentMessages(opened)).toEqual(["é", Buffer.from([0xe9]), "è", Buffer.from("bytes")]);
    stream.destroy();
  });

  test("defaultEncoding is for strings that are written, and leaves text that is read as it is", async () => {
    const opened = open();
    const stream = createWebSocketStream(opened.connection, { defaultEncoding: "hex" });
    stream.write("e9");
    opened.receive(text("no hex"));
    const [chunk] = await once(stream, "data");
    expect(String(chunk)).toBe("no hex");
    expect(sentMessages(opened)).toEqual([Buffer.from([0xe9])]);
    stream.destroy();
  });

  test("an object that cannot be sent fails the stream with the error of send()", async () => {
    const { connection } = open();
    const stream = createWebSocketStream(connection, { writableObjectMode: true });
    stream.write({ not: "a message" });
    const [error] = await once(stream, "error");
    expect(error).toEqual(argumentError(TypeError, "ARGUMENT_INVALID", /data must be a string/));
  });
});

describe("back-pressure of writes", () => {
  test("a write ends when the transport has drained", async () => {
    const opened = open();
    const stream = createWebSocketStream(opened.connection);
    opened.transport.stick();
    let isWritten = false;
    stream.write(Buffer.alloc(200_000), () => {
      isWritten = true;
    });
    await turn();
    expect(isWritten).toBe(false);
    opened.transport.drain();
    await turn();
    expect(isWritten).toBe(true);
    stream.destroy();
  });

  test("a chunk that the connection drops, since others have sent as well, is sent again", async () => {
    const opened = open({ overflow: "drop", maxBufferedAmount: 1000 });
    const stream = createWebSocketStream(opened.connection);
    opened.transport.stick();
    opened.connection.send(Buffer.alloc(900));
    await turn();
    stream.write(Buffer.alloc(500, "x"));
    await turn();
    opened.transport.drain();
    await turn();
    await turn();
    expect(sentMessages(opened).map(({ length }) => length)).toEqual([900, 500]);
    stream.destroy();
  });

  test("a write that is pending when the connection is lost fails", async () => {
    const opened = open();
    const stream = createWebSocketStream(opened.connection);
    stream.on("error", () => {});
    opened.transport.stick();
    const failed = new Promise((resolve) => stream.write(Buffer.alloc(200_000), resolve));
    await turn();
    opened.transport.close(new Error("reset"));
    expect(await failed).toMatchObject({ name: "ConnectionError" });
    expect(stream.destroyed).toBe(true);
  });
});

describe("destroy()", () => {
  test("terminates, and emits the error that it was given", async () => {
    const { ours, theirs, both } = await pair();
    const failure = new Error("enough");
    const seen = once(ours, "error");
    ours.destroy(failure);
    expect(await seen).toEqual([failure]);
    expect(await (both[0] as Connection).closed).toMatchObject({ code: 1006, error: { code: "TERMINATED" } });
    await expect(finished(theirs)).rejects.toMatchObject({ code: /CUT_OFF|TRANSPORT_FAILED/ });
  });

  test("follows an aborted signal", async () => {
    const { connection } = open();
    const controller = new AbortController();
    const stream = createWebSocketStream(connection, { signal: controller.signal });
    controller.abort();
    const [error] = await once(stream, "error");
    expect(error.name).toBe("AbortError");
    expect(connection.readyState).toBeGreaterThan(1);
  });
});

test("a signal that was aborted before destroys the stream with an AbortError and ends the connection", async () => {
  const { connection } = open({ deaf: ["drop"] });
  const stream = createWebSocketStream(connection, { signal: AbortSignal.abort() });
  const [error] = await once(stream, "error");
  expect([error.name, stream.destroyed, connection.listenerCount("drop")]).toEqual(["AbortError", true, 0]);
  expect(connection.readyState).toBeGreaterThan(1);
});

test("properties that an application sets on the connection do not replace what the stream calls", async () => {
  const opened = open({ deaf: ["drop"] });
  Object.assign(opened.connection, { on: null, off: null, send: null, close: null, terminate: null, drained: null });
  const stream = createWebSocketStream(opened.connection);
  stream.write("sent");
  await turn();
  stream.destroy();
  expect(sentMessages(opened)).toEqual([Buffer.from("sent")]);
  expect(opened.connection.listenerCount("drop")).toBe(0);
});

test("only one consumer takes the messages of a connection at a time", () => {
  const { connection } = open();
  createWebSocketStream(connection).on("error", () => {});
  expect(() => createWebSocketStream(connection)).toThrow("are being iterated already");
});

test("wrong arguments are named", () => {
  const { connection } = open();
  const wrong = (...args: unknown[]) => createWebSocketStream(...(args as [Connection]));
  expect(() => wrong({})).toThrow(argumentError(TypeError, "ARGUMENT_INVALID", /must be a Connection, not an object/));
  expect(() => wrong(connection, { read() {} })).toThrow(argumentError(TypeError, "OPTION_UNKNOWN", /by itself/));
  expect(() => wrong(connection, { encoding: "utf9" })).toThrow(argumentError(TypeError, "OPTION_INVALID", /encoding/));
  expect(() => wrong(connection, {}, () => {})).toThrow(argumentError(TypeError, "ARGUMENT_INVALID", /no callback/));
});

test("a stream of `ws` at the other end gets and sends the same bytes", async () => {
  const { server, url } = await serve();
  const upper = new Transform({
    transform(chunk, _encoding, callback) {
      callback(null, String(chunk).toUpperCase());
    },
  });
  const returned = once(server, "connection").then(([connection]) => {
    const stream = createWebSocketStream(connection);
    return pipeline(stream, upper, stream);
  });
  const peer = createWsStream(new WebSocket(url));
  peer.write("hello ");
  peer.write("there");
  expect(String(await read(peer, 11))).toBe("HELLO THERE");
  peer.end();
  await finished(peer.resume());
  await returned;
});
