/** connection.sendStream(): one message in fragments, from any source. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { Readable } from "node:stream";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import WebSocket from "ws";
import { MessagePipeline, permessageDeflate } from "../../src/extensions/index.ts";
import { type Connection, prepare, type StreamOptions } from "../../src/index.ts";
import { argumentError } from "../support/argument-error.ts";
import { CARRIERS, carried, framesFor } from "../support/carriers.ts";
import { closeFrame, type Opened, open, ROLES, turn } from "../support/connection-harness.ts";
import { BINARY, CLOSE, CONTINUATION, decodeFrames, PING, PONG, TEXT } from "../support/frames.ts";
import { linkTransports } from "../support/linked-transports.ts";
import { runs } from "../support/runs.ts";
import { open as openClient, serve } from "../support/servers.ts";
import { PromptCodec, reversed, SlowCodec } from "./codecs.ts";

/** A source whose pieces come when the test gives them. */
class Tap implements AsyncIterableIterator<string | Uint8Array> {
  readonly #given: IteratorResult<string | Uint8Array>[] = [];
  #wake: (() => void) | null = null;
  #failure: Error | null = null;
  pulls = 0;
  isCancelled = false;

  give(...pieces: (string | Uint8Array)[]): Promise<void> {
    for (const value of pieces) this.#given.push({ done: false, value });
    this.#wake?.();
    return turns();
  }

  end(): Promise<void> {
    this.#given.push({ done: true, value: undefined });
    this.#wake?.();
    return turns();
  }

  fail(error: Error): Promise<void> {
    this.#failure = error;
    this.#wake?.();
    return turns();
  }

  async next(): Promise<IteratorResult<string | Uint8Array>> {
    this.pulls++;
    while (this.#given.length === 0 && this.#failure === null) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#given.length === 0) throw this.#failure;
    return this.#given.shift() as IteratorResult<string | Uint8Array>;
  }

  async return(): Promise<IteratorResult<string | Uint8Array>> {
    this.isCancelled = true;
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

async function turns(count = 4): Promise<void> {
  for (let at = 0; at < count; at++) await turn();
}

/** The frames that were written, in short: "text*" is one without FIN. */
function written({ transport }: Pick<Opened, "transport">): string[] {
  const names = new Map([
    [TEXT, "text"],
    [BINARY, "binary"],
    [CONTINUATION, "..."],
    [PING, "ping"],
    [PONG, "pong"],
    [CLOSE, "close"],
  ]);
  return decodeFrames(transport.bytes).map(({ fin, rsv, opcode, payload }) => {
    const content = opcode === CLOSE ? String(payload.readUInt16BE()) : payload.toString("utf8");
    return `${names.get(opcode)}${fin ? "" : "*"}${rsv === 0 ? "" : " rsv"} ${content}`;
  });
}

/** How a promise was settled by now: "pending", "sent", or the code of its error. */
function watched(promise: Promise<void>): { state: unknown } {
  const watch: { state: unknown } = { state: "pending" };
  promise.then(
    () => {
      watch.state = "sent";
    },
    (error: { code?: string }) => {
      watch.state = error?.code ?? error;
    },
  );
  return watch;
}

describe.each(ROLES)("a message of a %s", (role) => {
  test("goes out in one frame for each piece, while it comes", async () => {
    const opened = open({ role });
    const tap = new Tap();
    const sending = watched(opened.connection.sendStream(tap));
    await tap.give("one ", "two ");
    expect(written(opened)).toEqual(["text* one ", "...* two "]);
    await tap.end();
    expect(written(opened)).toEqual(["text* one ", "...* two ", "... "]);
    expect(sending.state).toBe("sent");
  });

  test("holds other messages back, in their order, and lets control frames pass", async () => {
    const opened = open({ role });
    const { connection } = opened;
    const tap = new Tap();
    void watched(connection.sendStream(tap, { type: "binary" }));
    await tap.give(Buffer.from("one "));
    connection.send("behind");
    connection.send(prepare("prepared"));
    connection.send(Buffer.from("bytes"));
    const second = watched(connection.sendStream(["second"]));
    connection.send("last");
    connection.ping("alive?");
    opened.receive({ opcode: PING, payload: "you?" });
    await tap.give(Buffer.from("two"));
    expect(written(opened)).toEqual(["binary* one ", "ping alive?", "pong you?", "...* two"]);
    expect(connection.bufferedAmount).toBe(
      "behind".length + "prepared".length + "bytes".length + "last".length + 4 * 64,
    );
    await tap.end();
    expect(written(opened).slice(4)).toEqual([
      "... ",
      "text behind",
      "text prepared",
      "binary bytes",
      "text* second",
      "... ",
      "text last",
    ]);
    expect(second.state).toBe("sent");
    expect(connection.bufferedAmount).toBe(0);
  });

  test("that is broken off by close() has the Close frame behind its last fragment, and its source is cancelled", async () => {
    const opened = open({ role });
    const tap = new Tap();
    const sending = watched(opened.connection.sendStream(tap));
    await tap.give("one");
    opened.connection.send("behind");
    opened.connection.close(4000);
    await turns();
    expect([sending.state, tap.isCancelled]).toEqual(["STREAM_CUT_OFF", true]);
    await tap.give("late");
    expect(written(opened)).toEqual(["text* one", "close 4000"]);
  });

  test("whose source fails closes with 1011, and both the promise and the error event have the cause", async () => {
    const opened = open({ role });
    const tap = new Tap();
    const sending = opened.connection.sendStream(tap).catch((error: unknown) => error);
    await tap.give("one");
    const cause = new Error("the disk is gone");
    await tap.fail(cause);
    expect(await sending).toMatchObject({ name: "ConnectionError", code: "SOURCE_FAILED", closeCode: 1011, cause });
    expect(opened.of("error")).toEqual([[await sending]]);
    expect(written(opened)).toEqual(["text* one", "close 1011"]);
  });
});

describe("a source", () => {
  test.each([
    ["an empty list", [], ["binary "]],
    ["an empty list as text", [], ["text "], { type: "text" }],
    ["a list of strings", ["a", "b"], ["text* a", "...* b", "... "]],
    ["empty pieces", ["", "a", ""], ["text* a", "... "]],
    ["halves of a surrogate pair", ["a\ud83d", "\ude00b"], ["text* a", "...* 😀b", "... "]],
    ["a lone surrogate at the end", ["a\ud83d"], ["text* a", "... \ufffd"]],
    ["bytes of a text", [Buffer.from([0x61, 0xe2, 0x82]), Buffer.from([0xac])], null, { type: "text" }],
    ["an ArrayBuffer", [new Uint8Array([0x61]).buffer], ["binary* a", "... "]],
  ] as const)("of %s", async (_what, source, frames, options: StreamOptions = {}) => {
    const opened = open();
    await opened.connection.sendStream(source as Iterable<string>, options);
    if (frames !== null) expect(written(opened)).toEqual(frames);
    else
      expect(Buffer.concat(decodeFrames(opened.transport.bytes).map(({ payload }) => payload)).toString()).toBe("a€");
  });

  test.each([
    [
      "invalid UTF-8 as text",
      [Buffer.from([0x61, 0xff])],
      { type: "text" },
      /must be valid UTF-8, over all of its pieces: use {/,
    ],
    [
      "half a character at the end",
      [Buffer.from([0xe2])],
      { type: "text" },
      /must be valid UTF-8, over all of its pieces: use {/,
    ],
    ["a string in a binary message", [Buffer.from("a"), "b"], {}, /use { type: "text" }/],
    ["a number", [5], {}, /must be a string, an ArrayBuffer or a view/],
  ] as const)("with %s fails as any other", async (_what, source, options, message) => {
    const opened = open();
    const sending = opened.connection.sendStream(source as unknown as Iterable<string>, options);
    await expect(sending).rejects.toMatchObject({ code: "SOURCE_FAILED", cause: { name: "TypeError" } });
    await expect(sending).rejects.toThrow(message);
    expect(opened.of("error").length).toBe(1);
  });

  test("is read only while the transport has room", async () => {
    const opened = open({ highWaterMark: 1000 });
    const tap = new Tap();
    opened.transport.stick();
    watched(opened.connection.sendStream(tap));
    await tap.give(...Array.from({ length: 10 }, () => "x".repeat(600)));
    expect(tap.pulls).toBeLessThan(4);
    const { pulls } = tap;
    opened.transport.drain();
    await turns();
    expect(tap.pulls).toBeGreaterThan(pulls);
  });

  test("with one long piece becomes several fragments", async () => {
    const opened = open();
    await opened.connection.sendStream([Buffer.alloc(200_000)]);
    const lengths = decodeFrames(opened.transport.bytes).map(({ payload }) => payload.length);
    expect(lengths).toEqual([65_536, 65_536, 65_536, 200_000 - 3 * 65_536, 0]);
  });

  test("of wrong arguments is not touched, and nothing is sent", async () => {
    const opened = open();
    const wrong = (...args: unknown[]) => opened.connection.sendStream(...(args as [string[]]));
    await expect(wrong("text")).rejects.toEqual(argumentError(TypeError, "ARGUMENT_INVALID", /use send\(\)/));
    await expect(wrong([], { kind: "text" })).rejects.toEqual(argumentError(TypeError, "OPTION_UNKNOWN", /"kind"/));
    await expect(wrong([], { type: "blob" })).rejects.toEqual(
      argumentError(TypeError, "OPTION_INVALID", /"text" or "binary"/),
    );
    await expect(wrong([], "text")).rejects.toEqual(argumentError(TypeError, "ARGUMENT_INVALID", /use { type }/));
    await expect(wrong([], {}, () => {})).rejects.toEqual(argumentError(TypeError, "ARGUMENT_INVALID", /no callback/));
    expect([opened.connection.readyState, written(opened)]).toEqual([1, []]);
  });
});

describe("the promise", () => {
  test("waits until the last fragment has left", async () => {
    const opened = open();
    opened.transport.stick();
    const sending = watched(opened.connection.sendStream(["all"]));
    await turns();
    expect(sending.state).toBe("pending");
    opened.transport.drain();
    await turns();
    expect(sending.state).toBe("sent");
  });

  test("is rejected if the connection is lost before that", async () => {
    const opened = open();
    opened.transport.stick();
    const sending = watched(opened.connection.sendStream(["all"]));
    await turns();
    opened.transport.close(new Error("reset"));
    await turns();
    expect(sending.state).toBe("STREAM_CUT_OFF");
  });

  test("is rejected on a connection that is closing, and the source is cancelled", async () => {
    const { connection } = open();
    connection.close();
    const tap = new Tap();
    await expect(connection.sendStream(tap)).rejects.toMatchObject({ code: "STREAM_CUT_OFF" });
    expect(tap.isCancelled).toBe(true);
  });

  test("does not keep 'drain' from those who wait for what was sent before", async () => {
    const opened = open({ highWaterMark: 10 });
    opened.transport.stick();
    expect(opened.connection.send("more than ten bytes")).toBe(false);
    void opened.connection.sendStream(new Tap()).catch(() => {});
    const drained = watched(opened.connection.drained());
    await turns();
    opened.transport.drain();
    await turns();
    expect(drained.state).toBe("sent");
  });

  test("and messages behind it are bounded by maxBufferedAmount", async () => {
    const opened = open({ maxBufferedAmount: 1000 });
    void opened.connection.sendStream(new Tap()).catch(() => {});
    opened.connection.send("x".repeat(600));
    expect(opened.connection.bufferedAmount).toBe(664);
    expect(opened.connection.send("x".repeat(600))).toBe(false);
    await turns();
    expect(opened.of("error")[0]).toMatchObject([{ code: "UNSENT_LIMIT" }]);
  });
});

describe("a signal", () => {
  test("takes back a message that waits for its turn, and the connection goes on", async () => {
    const opened = open();
    const first = new Tap();
    watched(opened.connection.sendStream(first));
    const controller = new AbortController();
    const second = new Tap();
    const sending = watched(opened.connection.sendStream(second, { signal: controller.signal }));
    controller.abort("enough");
    await turns();
    expect([sending.state, second.isCancelled]).toEqual(["enough", true]);
    await first.end();
    opened.connection.send("on");
    await turns();
    expect(written(opened)).toEqual(["binary ", "text on"]);
  });

  test("fails the connection with 1011 if the message has begun", async () => {
    const opened = open();
    const controller = new AbortController();
    const tap = new Tap();
    const sending = watched(opened.connection.sendStream(tap, { signal: controller.signal }));
    await tap.give("begun");
    controller.abort("enough");
    await turns();
    expect([sending.state, tap.isCancelled, written(opened)]).toEqual(["enough", true, ["text* begun", "close 1011"]]);
  });

  test("that was aborted before sends nothing", async () => {
    const opened = open();
    const sending = opened.connection.sendStream(["a"], { signal: AbortSignal.abort("no") });
    await expect(sending).rejects.toBe("no");
    expect(written(opened)).toEqual([]);
  });
});

function deflatePipeline(): MessagePipeline {
  const extension = permessageDeflate({});
  const agreed = extension.answer(extension.offers()[0] ?? []);
  if (agreed === null) throw new Error("the extension does not accept its own offer");
  return new MessagePipeline([{ rsv: 0x40, codec: agreed.open(1 << 20) }]);
}

describe("through extensions", () => {
  test("the reserved bit is set on the first fragment only, and compress: false leaves it unset", async () => {
    const opened = open({ pipeline: deflatePipeline() });
    await opened.connection.sendStream(["one", "two"], { compress: true });
    await opened.connection.sendStream(["plain"], { compress: false });
    const frames = decodeFrames(opened.transport.bytes).map(({ rsv, opcode, fin }) => [rsv, opcode, fin]);
    expect(frames).toEqual([
      [4, TEXT, false],
      [0, CONTINUATION, false],
      [0, CONTINUATION, true],
      [0, TEXT, false],
      [0, CONTINUATION, true],
    ]);
  });

  test("an extension that needs whole messages gets one, in its order", async () => {
    const codec = new SlowCodec();
    const opened = open({ stages: [{ rsv: 0x40, codec }] });
    opened.connection.send("before");
    const sending = watched(opened.connection.sendStream(["in ", "pieces"]));
    opened.connection.send("after");
    await turns();
    for (let count = 0; count < 3; count++) {
      await codec.encoded();
      await turns();
    }
    const payloads = decodeFrames(opened.transport.bytes).map(({ payload, fin }) => [String(reversed(payload)), fin]);
    expect(payloads).toEqual([
      ["before", true],
      ["in pieces", true],
      ["after", true],
    ]);
    expect(sending.state).toBe("sent");
  });

  test("a drain follows a ping that was dropped behind collected pieces, if the message is taken back", async () => {
    const opened = open({ stages: [{ rsv: 0x40, codec: new PromptCodec() }], maxBufferedAmount: 100 });
    const controller = new AbortController();
    const tap = new Tap();
    watched(opened.connection.sendStream(tap, { signal: controller.signal }));
    await tap.give(Buffer.alloc(90));
    expect(opened.connection.ping("x".repeat(50))).toBe(false);
    const draining = watched(opened.connection.drained());
    controller.abort();
    await turns();
    expect([draining.state, opened.connection.bufferedAmount]).toEqual(["sent", 0]);
  });

  test("a message that it would have to collect past maxBufferedAmount is rejected, and the connection goes on", async () => {
    const opened = open({ stages: [{ rsv: 0x40, codec: new PromptCodec() }], maxBufferedAmount: 100 });
    const sending = opened.connection.sendStream([Buffer.alloc(60), Buffer.alloc(60)]);
    await expect(sending).rejects.toThrow(/longer than maxBufferedAmount/);
    opened.connection.send("on");
    await turns();
    expect(decodeFrames(opened.transport.bytes).map(({ payload }) => String(reversed(payload)))).toEqual(["on"]);
  });
});

/** Whatever is sent, in whatever way, arrives in the order of the calls and as it was sent. */
test("messages of all kinds arrive in the order in which they were sent, compressed or not", async () => {
  const step = fc.record({
    kind: fc.constantFrom("send", "stream", "bytes", "prepared"),
    text: fc.string({ unit: "grapheme", minLength: 1, maxLength: 30 }).map((part) => part.repeat(20)),
    compress: fc.boolean(),
  });
  const travels = fc.array(
    fc.record({ size: fc.integer({ min: 1, max: 200 }), turn: fc.boolean(), stick: fc.boolean() }),
    {
      minLength: 1,
      maxLength: 4,
    },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 8 }),
      travels,
      fc.boolean(),
      async (steps, travel, deflate) => {
        const [near, far] = linkTransports([travel, travel]);
        const pipelines = deflate ? [deflatePipeline(), deflatePipeline()] : [null, null];
        const server = open({
          role: "server",
          transport: near,
          pipeline: pipelines[0] as MessagePipeline,
          deaf: ["message"],
        });
        const client = open({ role: "client", transport: far, pipeline: pipelines[1] as MessagePipeline });
        const sendings: Promise<void>[] = [];
        for (const { kind, text, compress } of steps) {
          const half = Math.floor(text.length / 2);
          if (kind === "send") client.connection.send(text, { compress });
          else if (kind === "bytes") client.connection.send(Buffer.from(text), { compress });
          else if (kind === "prepared") client.connection.send(prepare(text, { compress }));
          else sendings.push(client.connection.sendStream([text.slice(0, half), text.slice(half)], { compress }));
        }
        const iterator = server.connection[Symbol.asyncIterator]();
        for (const { text } of steps) expect(String((await iterator.next()).value)).toBe(Buffer.from(text).toString());
        await Promise.all(sendings);
        server.connection.terminate();
      },
    ),
    { numRuns: runs(0.4) },
  );
});

describe.each(CARRIERS)("over %s", (carrier) => {
  test("the end of the peer breaks a message off, and its source is cancelled", async () => {
    const { connection, peer } = await carried(carrier);
    const tap = new Tap();
    const sending = watched(connection.sendStream(tap));
    void tap.give("begun");
    expect((await peer.frame()).fin).toBe(false);
    peer.socket.end();
    await connection.closed;
    expect([sending.state, tap.isCancelled]).toEqual(["STREAM_CUT_OFF", true]);
  });

  test("a Close frame of the peer is answered between two fragments", async () => {
    const { connection, peer, role } = await carried(carrier);
    const tap = new Tap();
    const sending = watched(connection.sendStream(tap));
    void tap.give("begun");
    await peer.frame();
    peer.send(framesFor(role, closeFrame(4001)));
    expect((await peer.frame()).opcode).toBe(CLOSE);
    expect(sending.state).toBe("STREAM_CUT_OFF");
  });

  test("a peer that reads nothing stops the source", async () => {
    const { connection, peer } = await carried(carrier);
    peer.socket.pause();
    let pulled = 0;
    const source = (function* () {
      for (;;) {
        pulled += 65_536;
        yield Buffer.alloc(65_536);
      }
    })();
    const sending = connection.sendStream(source).catch((error: { code: string }) => error.code);
    let before = -1;
    while (before !== pulled) {
      before = pulled;
      await turns(50);
    }
    expect(pulled).toBeLessThan(64 << 20);
    expect(connection.bufferedAmount).toBeLessThan(1 << 20);
    connection.terminate();
    expect(await sending).toBe("STREAM_CUT_OFF");
  });
});

describe("real peers", () => {
  const bytes = randomBytes(300_000);

  test.each([true, false])("`ws` gets a Readable as one message (compressed: %s)", async (perMessageDeflate) => {
    const { server, url } = await serve({ perMessageDeflate });
    server.on("connection", async (connection: Connection) => {
      await connection.sendStream(Readable.from([bytes.subarray(0, 1000), bytes.subarray(1000)]));
      await connection.sendStream(ReadableStream.from(["text ", "in ", "pieces"]), { type: "text" });
      connection.close();
    });
    const peer = new WebSocket(url, { perMessageDeflate });
    const got: unknown[] = [];
    peer.on("message", (data, isBinary) => got.push(isBinary ? data : String(data)));
    await once(peer, "close");
    expect(got).toEqual([bytes, "text in pieces"]);
  });

  test("undici gets it as well, and streams() of ours gets it in pieces", async () => {
    const { server, url } = await serve();
    server.on("connection", (connection: Connection) => {
      void connection.sendStream(["one ", "two"], { type: "text" }).then(() => connection.close());
    });
    const { WebSocket: Undici } = await import("undici");
    const peer = new Undici(url);
    const data = await new Promise((resolve) => peer.addEventListener("message", (event) => resolve(event.data)));
    expect(data).toBe("one two");
    const client = await openClient(url);
    for await (const message of client.streams()) {
      const pieces: unknown[] = [];
      for await (const piece of message) pieces.push(piece);
      expect(pieces).toEqual(["one ", "two"]);
    }
  });
});
