import { runInNewContext } from "node:vm";
import { describe, expect, it, test } from "vitest";
import { framedForm, PreparedMessage, prepare } from "../../src/connection/prepared-message.ts";
import type { WriteOutcome } from "../../src/endpoint/transport.ts";
import { permessageDeflate } from "../../src/extensions/index.ts";
import { noise, wordy } from "../extensions/permessage-deflate/codecs.ts";
import {
  type Opened,
  type OpenOptions,
  open,
  ROLES,
  sentMessages,
  sharedWith,
  turn,
} from "../support/connection-harness.ts";
import { FakeTransport } from "../support/fake-transport.ts";
import { BINARY, CLOSE, decodeFrames, TEXT } from "../support/frames.ts";
import { PromptCodec, SharingCodec, SlowCodec } from "./codecs.ts";

const RSV1 = 4;

/** What was sent, each frame as its opcode, its reserved bits and its payload as text. */
function frames({ transport }: Pick<Opened, "transport">): [opcode: number, rsv: number, payload: string][] {
  return decodeFrames(transport.bytes).map(({ opcode, rsv, payload }) => [opcode, rsv, payload.toString("latin1")]);
}

/** Keeps the very Buffers that it is given. */
class KeepingTransport extends FakeTransport {
  readonly pieces: Buffer[] = [];

  override write(bytes: Buffer): WriteOutcome {
    this.pieces.push(bytes);
    return super.write(bytes);
  }

  override writeAll(pieces: readonly Buffer[]): WriteOutcome {
    this.pieces.push(...pieces);
    return super.writeAll(pieces);
  }
}

function openSharing(sharedEncoder: SharingCodec["sharedEncoder"], options: OpenOptions = {}) {
  const codec = new SharingCodec(sharedEncoder);
  return { codec, ...open({ ...options, stages: [{ rsv: 0x40, codec }] }) };
}

/** What permessage-deflate comes to with these options, for a server whose client asks for nothing. */
function deflating(options: Parameters<typeof permessageDeflate>[0] = {}) {
  const codec = permessageDeflate(options)
    .answer([])
    ?.open(1 << 20);
  if (codec === undefined) throw new Error("the offer was declined");
  return { rsv: 0x40, codec } as const;
}

describe("prepare()", () => {
  it("prepare() keeps a copy, so the caller may use the memory again", async () => {
    const bytes = Buffer.from("bytes");
    const message = prepare(bytes);
    bytes.fill(0);
    const opened = open();
    opened.connection.send(message);
    await turn();
    expect(sentMessages(opened)).toEqual([Buffer.from("bytes")]);
  });

  it("prepare() takes all that send() takes", () => {
    const bytes = new Uint8Array([1, 2, 3]);
    const foreign = runInNewContext("new Uint8Array([1, 2, 3]).buffer") as ArrayBuffer;
    for (const data of [bytes, bytes.buffer, new DataView(bytes.buffer), foreign]) {
      expect(prepare(data).data).toEqual(Buffer.from([1, 2, 3]));
    }
    expect(prepare("ü\ud800").data).toBe("ü\ufffd");
    expect([prepare("ü").byteLength, prepare(bytes).byteLength, prepare("").byteLength]).toEqual([2, 3, 0]);
  });

  it.each([null, undefined, 5, {}, ["a"], prepare("a")])("prepare() throws a TypeError for %j", (data) => {
    expect(() => prepare(data as never)).toThrow(TypeError);
  });

  it("a prepared message gives no access to the memory that is sent", async () => {
    const message = prepare(Buffer.from("bytes"));
    (message.data as Buffer).fill(0);
    const opened = open();
    opened.connection.send(message);
    await turn();
    expect(sentMessages(opened)).toEqual([Buffer.from("bytes")]);
  });

  it("prepare() decides whether a message is compressed, whatever becomes of its options and whatever send() says", async () => {
    const options = { compress: false };
    const message = prepare("abc", options);
    options.compress = true;
    const opened = openSharing(new PromptCodec());
    opened.connection.send(message, { compress: true });
    await turn();
    expect(frames(opened)).toEqual([[TEXT, 0, "abc"]]);
  });
});

describe.each(ROLES)("a prepared message, as %s", (role) => {
  test.each([0, 48, 49, 125, 126, 16_380, 16_384, 16_385, 65_536])(
    "a prepared message of %i bytes arrives as any other",
    async (length) => {
      const opened = open({ role });
      const bytes = noise(length);
      const [binary, text] = [prepare(bytes), prepare("x".repeat(length))];
      for (const message of [binary, text, binary]) opened.connection.send(message);
      await turn();
      expect(sentMessages(opened)).toEqual([bytes, "x".repeat(length), bytes]);
    },
  );

  test("a prepared message waits behind one that is encoded asynchronously, and goes through several extensions", async () => {
    const [slow, prompt] = [new SlowCodec(), new SharingCodec(new PromptCodec())];
    const stages = [
      { rsv: 0x40, codec: slow },
      { rsv: 0x20, codec: prompt },
    ] as const;
    const opened = open({ role, stages });
    const message = prepare("prepared");
    opened.connection.send("own");
    opened.connection.send(message);
    expect(opened.connection.bufferedAmount).toBe("own".length + "prepared".length + 64);
    await slow.encoded();
    await slow.encoded();
    expect(frames(opened)).toEqual([
      [TEXT, 6, "own"],
      [TEXT, 6, "prepared"],
    ]);
    expect(prompt.sharedAfter).toEqual([]);
  });

  test("a prepared message is encoded once for all codecs that share an encoder, and each codec learns of it in order", async () => {
    const encoder = new PromptCodec();
    const all = [openSharing(encoder, { role }), openSharing(encoder, { role })];
    const message = prepare("all", { compress: true });
    for (const { connection } of all) {
      connection.send("own");
      connection.send(message);
      connection.send("more");
      connection.send(message);
    }
    await turn();
    for (const opened of all) {
      expect(frames(opened).map(([, rsv, payload]) => [rsv, payload])).toEqual([
        [RSV1, "nwo"],
        [RSV1, "lla"],
        [RSV1, "erom"],
        [RSV1, "lla"],
      ]);
      expect(opened.codec.sharedAfter).toEqual([1, 2]);
    }
    expect(encoder.options).toEqual([{ compress: true }]);
  });

  test("a prepared message is readable for connections with other encoders, with none and without extensions", async () => {
    const [one, other] = [new PromptCodec(), new PromptCodec()];
    const own = new PromptCodec();
    const all = [
      openSharing(one, { role }),
      openSharing(other, { role }),
      open({ role, stages: [{ rsv: 0x10, codec: own }] }),
      open({ role }),
    ];
    const message = prepare(Buffer.from("abc"));
    for (const { connection } of all) connection.send(message);
    await turn();
    expect(all.map(frames)).toEqual([
      [[BINARY, RSV1, "cba"]],
      [[BINARY, RSV1, "cba"]],
      [[BINARY, 1, "cba"]],
      [[BINARY, 0, "abc"]],
    ]);
    expect([one, other, own].map(({ options }) => options.length)).toEqual([1, 1, 1]);
  });

  test("a prepared message that an extension leaves unchanged has no reserved bit, and no codec is to forget its history", async () => {
    const encoder = new PromptCodec();
    const all = [openSharing(encoder, { role }), openSharing(encoder, { role })];
    const message = prepare("as it is", { compress: false });
    for (const { connection } of all) connection.send(message);
    await turn();
    for (const opened of all) {
      expect(frames(opened)).toEqual([[TEXT, 0, "as it is"]]);
      expect(opened.codec.sharedAfter).toEqual([]);
    }
    expect(encoder.options).toHaveLength(1);
  });

  test("a prepared message that is encoded asynchronously is encoded once, and each connection sends it in its order", async () => {
    const encoder = new SlowCodec();
    const all = [openSharing(encoder, { role }), openSharing(encoder, { role })];
    const message = prepare("all");
    for (const { connection } of all) {
      connection.send(message);
      connection.send("behind");
    }
    expect(encoder.encoding).toHaveLength(1);
    await encoder.encoded();
    for (const { connection } of all) connection.send(message);
    await turn();
    for (const opened of all) {
      expect(frames(opened).map(([, , payload]) => payload)).toEqual(["lla", "dniheb", "lla"]);
      expect(opened.codec.sharedAfter).toEqual([0, 1]);
    }
  });

  test("a prepared message that cannot be encoded fails each connection that waits for it with 1011, and is tried again for the next", async () => {
    const encoder = new SlowCodec();
    const [first, next, plain] = [openSharing(encoder, { role }), openSharing(encoder, { role }), open({ role })];
    const message = prepare("all");
    first.connection.send(message);
    plain.connection.send(message);
    await encoder.fail(encoder.encoding, new Error("broken"));
    expect(first.of("error")).toEqual([[expect.objectContaining({ code: "EXTENSION_FAILED" })]]);
    next.connection.send(message);
    await encoder.encoded();
    await turn();
    expect(frames(next)).toEqual([[TEXT, RSV1, "lla"]]);
    expect(frames(plain)).toEqual([[TEXT, 0, "all"]]);
  });

  test.each(["sharedEncoder", "onShared", "encode"] as const)(
    "an exception of a codec's %s at a prepared message ends its connection, and the others get the message",
    async (place) => {
      const encoder = new PromptCodec();
      const [bad, good] = [openSharing(encoder, { role }), openSharing(encoder, { role })];
      const raise = () => {
        throw new Error("broken");
      };
      if (place === "encode") Object.defineProperty(bad.codec, "sharedEncoder", { value: { encode: raise } });
      else if (place === "onShared") bad.codec.onShared = raise;
      else Object.defineProperty(bad.codec, place, { get: raise });
      const message = prepare("all");
      for (const { connection } of [bad, good]) connection.send(message);
      await turn();
      expect(bad.of("error")).toEqual([[expect.objectContaining({ code: "EXTENSION_FAILED", closeCode: 1011 })]]);
      expect(frames(bad).map(([opcode]) => opcode)).toEqual([CLOSE]);
      expect(frames(good)).toEqual([[TEXT, RSV1, "lla"]]);
    },
  );

  test.each([undefined, 5, {}, "text"])("a shared encoder that makes %j of a prepared message is a fault", (result) => {
    const opened = openSharing({ encode: () => result as never }, { role });
    expect(() => opened.connection.send(prepare("x"))).not.toThrow();
    expect(opened.of("error")).toEqual([[expect.objectContaining({ code: "EXTENSION_FAILED" })]]);
  });

  test("a connection that ends while a prepared message is encoded calls its codec no more", async () => {
    const encoder = new SlowCodec();
    const [gone, here] = [openSharing(encoder, { role }), openSharing(encoder, { role })];
    const message = prepare("all");
    for (const { connection } of [gone, here]) connection.send(message);
    gone.connection.terminate();
    await encoder.encoded();
    await turn();
    expect(gone.codec.sharedAfter).toEqual([]);
    expect(frames(here)).toEqual([[TEXT, RSV1, "lla"]]);
  });

  test("a prepared message is not sent once the connection is closing", async () => {
    const opened = open({ role });
    opened.connection.close(1000);
    expect(opened.connection.send(prepare("late"))).toBe(false);
    await turn();
    expect(frames(opened).map(([opcode]) => opcode)).toEqual([CLOSE]);
  });

  test("a prepared message counts for highWaterMark and maxBufferedAmount, and 'drop' has it", async () => {
    const opened = open({ role, highWaterMark: 100, maxBufferedAmount: 200, overflow: "drop" });
    opened.transport.stick();
    const message = prepare("x".repeat(80));
    expect(opened.connection.send(message)).toBe(true);
    await turn();
    expect(opened.connection.send(message)).toBe(false);
    expect(opened.connection.send(message)).toBe(false);
    expect(opened.of("drop")).toEqual([[message]]);
    expect(opened.of("drop")[0]?.[0]).toBe(message);
    opened.transport.drain();
    await turn();
    expect(opened.of("drain")).toHaveLength(1);
    expect(sentMessages(opened)).toEqual(Array(2).fill("x".repeat(80)));
  });
});

test.each([200, 60_000])(
  "a prepared message of %d bytes is one memory for all connections of a server, compressed or not",
  async (length) => {
    const message = prepare(wordy(length));
    const transports = Array.from({ length: 4 }, () => new KeepingTransport());
    for (const [index, transport] of transports.entries()) {
      const stages = index < 2 ? {} : { stages: [deflating()] };
      open({ transport, ...stages }).connection.send(message);
    }
    await turn();
    const pieces = transports.map((transport) => transport.pieces[0]);
    expect(transports.map((transport) => transport.pieces.length)).toEqual([1, 1, 1, 1]);
    expect(pieces[0]).toBe(pieces[1]);
    expect(pieces[2]).toBe(pieces[3]);
    expect(pieces[0]?.length).toBe(length + 4);
    expect(pieces[2]?.length).toBeLessThan(length * 0.9);
  },
);

test("RFC 6455 section 5.3: a client masks each prepared message with a fresh key, and does not touch the shared memory", async () => {
  const shared = sharedWith();
  for (const payload of [noise(100), noise(100_000)]) {
    const message = prepare(payload);
    const clients = [0, 1].map(() => open({ role: "client", shared }));
    const server = open({ role: "server", shared });
    for (const { connection } of [...clients, server, ...clients]) connection.send(message);
    await turn();
    const keyAt = payload.length > 65_535 ? 10 : 2;
    const keys = clients.flatMap(({ transport }) => {
      const frameSize = keyAt + 4 + payload.length;
      return [keyAt, frameSize + keyAt].map((at) => transport.bytes.toString("hex", at, at + 4));
    });
    expect(new Set(keys).size).toBe(4);
    for (const client of clients) expect(sentMessages(client)).toEqual([payload, payload]);
    expect(sentMessages(server)).toEqual([payload]);
  }
});

describe("compressed by permessage-deflate", () => {
  const repeated = wordy(500);

  test("a prepared message is compressed by each connection's threshold, and only if it may be", async () => {
    const all = [0, 500, 501].map((threshold) => open({ stages: [deflating({ threshold })] }));
    for (const compress of [undefined, true, false]) {
      const message = prepare(repeated, { compress });
      for (const { connection } of all) connection.send(message);
    }
    await turn();
    const bits = all.map((opened) => frames(opened).map(([, rsv]) => rsv));
    expect(bits).toEqual([
      [RSV1, RSV1, 0],
      [RSV1, RSV1, 0],
      [0, RSV1, 0],
    ]);
  });

  test("a prepared message that compression does not shorten is sent uncompressed", async () => {
    const opened = open({ stages: [deflating()] });
    opened.connection.send(prepare(noise(500), { compress: true }));
    await turn();
    expect(sentMessages(opened)).toEqual([noise(500)]);
  });

  test("RFC 7692 section 7.2.1: the message behind a prepared one refers to nothing before it", async () => {
    const opened = open({ stages: [deflating()] });
    for (const data of [repeated, repeated, prepare("y".repeat(200)), repeated]) opened.connection.send(data);
    await turn();
    const [first, second, , last] = frames(opened).map(([, , payload]) => payload);
    expect(second?.length).toBeLessThan(30);
    expect(last).toBe(first);
  });
});

test("prepare() makes an instance of PreparedMessage", () => {
  expect(prepare("x")).toBeInstanceOf(PreparedMessage);
});

test("several short prepared messages of one turn leave in one write, in order with a connection's own", async () => {
  const shared = sharedWith();
  const opened = [0, 1, 2].map(() => open({ shared }));
  const prepared = [noise(10), noise(300)].map((payload) => prepare(payload));
  for (const { connection } of opened) connection.send("own");
  for (const message of prepared) for (const { connection } of opened) connection.send(message);
  for (const { connection } of opened) connection.send("last");
  await turn();
  for (const each of opened) {
    expect(each.transport.writes).toHaveLength(1);
    expect(sentMessages(each).map(String)).toEqual(["own", ...prepared.map(({ data }) => String(data)), "last"]);
  }
});

test("many long prepared messages are not copied together", async () => {
  const transport = new KeepingTransport();
  const { connection } = open({ transport });
  const messages = [noise(9_000), noise(9_000, 2)].map((payload) => prepare(payload));
  for (const message of messages) connection.send(message);
  await turn();
  expect(transport.pieces).toEqual(messages.map((message) => framedForm(message).plain.bytes));
  expect(transport.writes).toHaveLength(1);
});
