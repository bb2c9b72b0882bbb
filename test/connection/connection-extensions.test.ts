import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ConnectionError } from "../../src/endpoint/connection-error.ts";
import { ExtensionViolations } from "../../src/extensions/extension-violations.ts";
import type { PipelineStage } from "../../src/extensions/index.ts";
import { DeflateViolations } from "../../src/extensions/permessage-deflate/deflate-violations.ts";
import { Violations } from "../../src/framing/violations.ts";
import {
  binary,
  closeFrame,
  closePayload,
  type Opened,
  type OpenOptions,
  open,
  ROLES,
  text,
  turn,
  wire,
} from "../support/connection-harness.ts";
import { BINARY, CLOSE, CONTINUATION, cutAt, decodeFrames, PING, PONG, TEXT, wellFormed } from "../support/frames.ts";
import { runs } from "../support/runs.ts";
import { PromptCodec, reversed, SlowCodec } from "./codecs.ts";

const RSV1 = 4;

function openWith<Codec extends PipelineStage["codec"]>(codec: Codec, options: OpenOptions = {}) {
  return { codec, ...open({ ...options, stages: [{ rsv: 0x40, codec }] }) };
}

/** What was sent, in order, each frame as its opcode, its reserved bits and its payload as text. */
function frames({ transport }: Pick<Opened, "transport">): [opcode: number, rsv: number, payload: string][] {
  return decodeFrames(transport.bytes).map(({ opcode, rsv, payload }) => [opcode, rsv, payload.toString("latin1")]);
}

const encodedText = (payload: string) => ({
  ...text(reversed(payload).toString("latin1")),
  payload: reversed(payload),
  rsv: RSV1,
});
const encodedBinary = (payload: Uint8Array) => ({ ...binary(reversed(payload)), rsv: RSV1 });
const NOT_UTF8 = Buffer.from([0xc0, 0x80]);

describe.each(ROLES)("an extension that works at once, as %s", (role) => {
  test("RFC 7692 section 6.1: an encoded message has the extension's bit on its first frame, and any other message has not", async () => {
    const opened = openWith(new PromptCodec(), { role });
    expect(opened.connection.send("text")).toBe(true);
    opened.connection.send("as it is", { compress: false });
    opened.connection.send(Buffer.from("bytes"), { compress: true });
    opened.connection.send(Buffer.from("plain bytes"), { compress: false });
    opened.connection.ping("ping");
    await turn();
    expect(frames(opened)).toEqual([
      [TEXT, RSV1, "txet"],
      [TEXT, 0, "as it is"],
      [BINARY, RSV1, "setyb"],
      [BINARY, 0, "plain bytes"],
      [PING, 0, "ping"],
    ]);
    expect(opened.codec.options.map(({ compress }) => compress)).toEqual([undefined, false, true, false]);
  });

  test("RFC 7692 section 6.2: a message with the bit is decoded as a whole, and one without it is taken unchanged", () => {
    const opened = openWith(new PromptCodec(), { role });
    opened.receive(
      encodedText("décodé"),
      text("plain"),
      encodedBinary(Buffer.from([1, 2, 3])),
      { ...text("fed"), rsv: RSV1, fin: false },
      { opcode: PING, payload: "between" },
      { opcode: CONTINUATION, payload: "cba" },
    );
    expect(opened.events.filter(([event]) => event !== "ping")).toEqual([
      ["message", "décodé"],
      ["message", "plain"],
      ["message", Buffer.from([1, 2, 3])],
      ["message", "abcdef"],
    ]);
  });

  test("bytes that an extension leaves in its own memory are copied before the next message", () => {
    const opened = openWith(new PromptCodec(), { role });
    const first = Buffer.alloc(50_000, 1);
    opened.receive(encodedBinary(first), encodedBinary(Buffer.alloc(50_000, 2)));
    expect(Buffer.compare(opened.of("message")[0]?.[0] as Buffer, first)).toBe(0);
  });

  test("RFC 7692 section 6.1: a decoded text that is not UTF-8 fails the connection", () => {
    const opened = openWith(new PromptCodec(), { role });
    opened.receive({ opcode: TEXT, payload: reversed(NOT_UTF8), rsv: RSV1 }, text("behind"));
    expect(frames(opened)).toEqual([
      [CLOSE, 0, closePayload(1007, Violations.TEXT_NOT_UTF8.message).toString("latin1")],
    ]);
    expect(opened.of("message")).toEqual([]);
  });

  test("RFC 7692 section 6.1: only the decoded text is to be UTF-8, not what is on the wire", () => {
    const opened = openWith(new PromptCodec(), { role });
    const onWire = reversed("ü");
    opened.receive(
      { opcode: TEXT, payload: onWire.subarray(0, 1), rsv: RSV1, fin: false },
      { opcode: CONTINUATION, payload: onWire.subarray(1) },
    );
    expect(opened.of("message")).toEqual([["ü"]]);
  });

  test("RFC 6455 section 10.4: a decoded message longer than maxPayload is rejected, whatever the extension lets through", () => {
    class Inflating extends PromptCodec {
      override decode(payload: Buffer): Uint8Array {
        return Buffer.alloc(payload.length * 10);
      }
    }
    const opened = openWith(new Inflating(), { role, maxPayload: 100 });
    opened.receive(encodedBinary(Buffer.alloc(10)), encodedBinary(Buffer.alloc(11)));
    expect(opened.of("message")).toEqual([[Buffer.alloc(100)]]);
    expect(opened.of("error")).toEqual([[expect.objectContaining({ code: "MESSAGE_TOO_BIG", closeCode: 1009 })]]);
  });

  test("RFC 6455 section 10.4: encoded bytes have a limit too, which is checked at the header", () => {
    const opened = openWith(new PromptCodec(), { role, maxPayload: 1000 });
    opened.receive({ opcode: BINARY, rsv: RSV1, declaredLength: 1000 + 125 + 16_384 + 1 });
    expect(opened.of("error")).toEqual([[expect.objectContaining({ code: "MESSAGE_TOO_BIG" })]]);
  });

  test("a broken rule that the extension finds fails the connection with its code", () => {
    class Strict extends PromptCodec {
      override decode() {
        return DeflateViolations.DEFLATE_CORRUPT;
      }
    }
    const opened = openWith(new Strict(), { role });
    opened.receive(encodedText("x"), text("behind"));
    expect(opened.of("error")).toEqual([[expect.objectContaining({ code: "DEFLATE_CORRUPT", closeCode: 1007 })]]);
    expect(opened.of("message")).toEqual([]);
  });

  test.each(["encode", "decode"] as const)(
    "an exception of an extension's %s ends the connection with 1011 and does not reach the application",
    (method) => {
      const broken = new Error("broken");
      const codec = new PromptCodec();
      codec[method] = () => {
        throw broken;
      };
      const opened = openWith(codec, { role });
      if (method === "encode") opened.connection.send("x");
      else opened.receive(encodedText("x"), text("behind"));
      const error = opened.of("error")[0]?.[0] as ConnectionError;
      expect(error).toMatchObject({ code: "EXTENSION_FAILED", closeCode: 1011, cause: broken });
      expect(error.message).toContain("broken");
      expect(opened.of("message")).toEqual([]);
      expect(opened.connection.send("y")).toBe(false);
    },
  );

  test("an extension without a reserved bit sees every message, and no message is marked", async () => {
    const codec = new PromptCodec();
    const opened = open({ role, stages: [{ rsv: 0, codec }] });
    opened.connection.send("sent");
    opened.receive(text("deviecer"));
    await turn();
    expect(frames(opened)).toEqual([[TEXT, 0, "tnes"]]);
    expect(opened.of("message")).toEqual([["received"]]);
  });

  test("an extension is closed once, with the connection", async () => {
    const opened = openWith(new PromptCodec(), { role });
    opened.receive(encodedText("x"), closeFrame(1000));
    expect(opened.codec.closed).toBe(0);
    opened.transport.peerEnd();
    opened.transport.close();
    await turn();
    expect(opened.codec.closed).toBe(1);
  });

  test("an extension is closed only when what waited behind a pause has been decoded", async () => {
    const opened = openWith(new PromptCodec(), { role, maxQueuedAmount: 1 });
    opened.connection.pause();
    opened.receive(encodedText("first"), encodedText("second"), encodedText("third"));
    opened.transport.close();
    expect(opened.codec.closed).toBe(0);
    opened.connection.resume();
    await turn();
    expect(opened.of("message")).toEqual([["first"], ["second"], ["third"]]);
    expect(opened.events.at(-1)?.[0]).toBe("close");
    expect(opened.codec.closed).toBe(1);
  });
});

describe.each(ROLES)("sending through an extension that takes its time, as %s", (role) => {
  test("messages through an asynchronous extension keep their order, and control frames pass them", async () => {
    const opened = openWith(new SlowCodec(), { role });
    for (const message of ["first", "second", "third"]) opened.connection.send(message);
    opened.connection.ping("ping");
    opened.receive({ opcode: PING, payload: "theirs" });
    await turn();
    expect(frames(opened)).toEqual([
      [PING, 0, "ping"],
      [PONG, 0, "theirs"],
    ]);
    await opened.codec.encoded();
    await opened.codec.encoded(null);
    await opened.codec.encoded();
    expect(frames(opened).slice(2)).toEqual([
      [TEXT, RSV1, "tsrif"],
      [TEXT, 0, "second"],
      [TEXT, RSV1, "driht"],
    ]);
  });

  test("short bytes may change at once although an asynchronous extension encodes them", async () => {
    const opened = openWith(new SlowCodec(), { role });
    const bytes = Buffer.from("first");
    opened.connection.send(bytes);
    bytes.write("other");
    opened.connection.send(bytes);
    bytes.fill(0);
    await opened.codec.encoded();
    await opened.codec.encoded(null);
    expect(frames(opened)).toEqual([
      [BINARY, RSV1, "tsrif"],
      [BINARY, 0, "other"],
    ]);
  });

  test("messages that are being encoded count in bufferedAmount and for send(), and 'drain' comes once all have left", async () => {
    const opened = openWith(new SlowCodec(), { role, highWaterMark: 1000 });
    expect(opened.connection.send(Buffer.alloc(600))).toBe(true);
    expect(opened.connection.send(Buffer.alloc(600))).toBe(false);
    // The second one waits, and its place in the queue takes memory as well.
    expect(opened.connection.bufferedAmount).toBe(1264);
    await opened.codec.encoded();
    expect(opened.of("drain")).toEqual([]);
    expect(opened.connection.bufferedAmount).toBe(600);
    await opened.codec.encoded();
    expect(opened.connection.bufferedAmount).toBe(0);
    expect(opened.of("drain")).toEqual([[]]);
  });

  test("messages that are being encoded count towards maxBufferedAmount", async () => {
    const opened = openWith(new SlowCodec(), { role, maxBufferedAmount: 1000, overflow: "drop" });
    opened.connection.send(Buffer.alloc(5000));
    expect(opened.connection.send("x")).toBe(false);
    expect(opened.of("drop")).toEqual([["x"]]);
    await opened.codec.encoded();
    expect(frames(opened)).toHaveLength(1);
  });

  test("RFC 6455 section 7.1.2: the Close frame leaves behind messages that are being encoded", async () => {
    const opened = openWith(new SlowCodec(), { role });
    opened.connection.send("first");
    opened.connection.send("second");
    opened.connection.close(1000);
    opened.receive(closeFrame(1000));
    expect(opened.transport.ended).toBe(false);
    await opened.codec.encoded();
    expect(opened.transport.ended).toBe(false);
    await opened.codec.encoded();
    expect(frames(opened).map(([opcode]) => opcode)).toEqual([TEXT, TEXT, CLOSE]);
    expect(opened.transport.ended).toBe(role === "server");
  });

  test("a message that cannot be encoded ends the connection with 1011, and those behind it are not sent", async () => {
    const opened = openWith(new SlowCodec(), { role });
    for (const message of ["first", "second"]) opened.connection.send(message);
    await opened.codec.fail(opened.codec.encoding, "not an Error");
    expect(frames(opened)).toEqual([
      [CLOSE, 0, closePayload(1011, ExtensionViolations.EXTENSION_FAILED.message).toString("latin1")],
    ]);
    expect(opened.of("error")).toEqual([
      [expect.objectContaining({ code: "EXTENSION_FAILED", cause: "not an Error" })],
    ]);
    expect(opened.connection.bufferedAmount).toBe(0);
  });

  test("terminate() abandons messages that are being encoded, and a late result is discarded", async () => {
    const opened = openWith(new SlowCodec(), { role });
    for (const message of ["first", "second"]) opened.connection.send(message);
    opened.connection.terminate();
    await turn();
    expect(opened.connection.bufferedAmount).toBe(0);
    expect(opened.of("close")).toHaveLength(1);
    await opened.codec.encoded();
    expect(opened.transport.bytes).toHaveLength(0);
    expect(opened.codec.closed).toBe(1);
  });

  test("a failure of an extension after the end is not emitted", async () => {
    const opened = openWith(new SlowCodec(), { role });
    opened.connection.send("first");
    opened.connection.terminate();
    await opened.codec.fail(opened.codec.encoding, new Error("late"));
    expect(opened.of("error")).toEqual([]);
  });
});

describe.each(ROLES)("receiving through an extension that takes its time, as %s", (role) => {
  test("messages that are decoded asynchronously keep their order, pings are answered meanwhile, and the first waiting message stops the reading", async () => {
    const opened = openWith(new SlowCodec(), { role });
    opened.receive(encodedText("first"), { opcode: PING, payload: "ping" });
    expect(frames(opened)).toEqual([[PONG, 0, "ping"]]);
    expect(opened.transport.paused).toBe(false);
    opened.receive(text("second"), encodedText("third"), text("fourth"), { opcode: PING, payload: "late" });
    expect(opened.of("message")).toEqual([]);
    expect(opened.transport.paused).toBe(true);
    await opened.codec.decoded();
    expect(opened.of("message")).toEqual([["first"], ["second"]]);
    await opened.codec.decoded();
    expect(opened.of("message")).toEqual([["first"], ["second"], ["third"], ["fourth"]]);
    expect(opened.transport.paused).toBe(false);
    expect(frames(opened)).toEqual([
      [PONG, 0, "ping"],
      [PONG, 0, "late"],
    ]);
  });

  test("a codec decodes one message after the other", async () => {
    const opened = openWith(new SlowCodec(), { role });
    opened.receive(encodedText("first"), encodedText("second"), encodedText("third"));
    for (let i = 0; i < 3; i++) await opened.codec.decoded();
    expect(opened.of("message")).toEqual([["first"], ["second"], ["third"]]);
  });

  test("RFC 6455 section 5.5.1: a Close frame waits for messages that are being decoded, and nothing behind it is read", async () => {
    const opened = openWith(new SlowCodec(), { role });
    opened.connection.on("message", (data) => opened.connection.send(data));
    opened.receive(encodedText("last"), closeFrame(1000, "bye"), text("behind"));
    expect(opened.connection.readyState).toBe(1);
    await opened.codec.decoded();
    await opened.codec.encoded();
    expect(frames(opened).map(([opcode]) => opcode)).toEqual([TEXT, CLOSE]);
    opened.transport.peerEnd();
    await turn();
    expect(opened.events).toEqual([
      ["message", "last"],
      ["close", 1000, "bye", null],
    ]);
  });

  test("RFC 6455 section 7.1.7: a broken rule is reported after the messages before it are decoded", async () => {
    const opened = openWith(new SlowCodec(), { role });
    opened.receive(encodedText("before"), { opcode: 3 }, text("behind"));
    opened.receive(text("later"));
    expect(opened.events).toEqual([]);
    await opened.codec.decoded();
    expect(opened.events).toEqual([
      ["message", "before"],
      ["error", expect.objectContaining({ code: "RESERVED_OPCODE" })],
    ]);
  });

  test("the end of the transport waits for messages that are being decoded", async () => {
    const opened = openWith(new SlowCodec(), { role });
    opened.receive(encodedText("last"), closeFrame(1000));
    opened.transport.close();
    expect(opened.connection.send("into nowhere")).toBe(false);
    await turn();
    expect(opened.events).toEqual([]);
    await opened.codec.decoded();
    expect(opened.events).toEqual([
      ["message", "last"],
      ["close", 1000, "", null],
    ]);
    expect(opened.codec.closed).toBe(1);
    expect(opened.transport.bytes).toHaveLength(0);
  });

  test("a transport that ends without a Close frame is emitted as 1006 behind messages that are being decoded", async () => {
    const opened = openWith(new SlowCodec(), { role });
    opened.receive(encodedText("last"));
    opened.transport.peerEnd();
    await turn();
    expect(opened.events).toEqual([]);
    await opened.codec.decoded();
    await turn();
    expect(opened.events.map(([event, data]) => [event, data])).toEqual([
      ["message", "last"],
      ["close", 1006],
    ]);
  });

  test("a message that cannot be decoded fails the connection with its own rule, or with 1011", async () => {
    const strict = openWith(new SlowCodec(), { role });
    strict.receive(encodedText("x"), text("behind"));
    await strict.codec.decoded(DeflateViolations.DEFLATE_CORRUPT);
    expect(strict.events).toEqual([["error", expect.objectContaining({ code: "DEFLATE_CORRUPT" })]]);

    const broken = openWith(new SlowCodec(), { role });
    broken.receive(encodedText("x"), encodedText("y"), text("behind"));
    await broken.codec.fail(broken.codec.decoding, new Error("broken"));
    expect(broken.events).toEqual([["error", expect.objectContaining({ code: "EXTENSION_FAILED", closeCode: 1011 })]]);
  });

  test("terminate() abandons the message being decoded and everything behind it", async () => {
    const opened = openWith(new SlowCodec(), { role });
    opened.receive(encodedText("first"), text("second"), text("third"));
    opened.connection.terminate();
    await turn();
    expect(opened.events.map(([event]) => event)).toEqual(["close"]);
    expect(opened.codec.closed).toBe(1);
    await opened.codec.decoded();
    await turn();
    expect(opened.events).toHaveLength(1);
  });

  test("a loop gets asynchronously decoded messages in order, and ends with the connection", async () => {
    const opened = openWith(new SlowCodec(), { role, deaf: ["message"] });
    const got: unknown[] = [];
    const loop = (async () => {
      for await (const message of opened.connection) got.push(message);
    })();
    opened.receive(encodedText("first"), text("second"), closeFrame(1000));
    opened.transport.close();
    await opened.codec.decoded();
    await loop;
    expect(got).toEqual(["first", "second"]);
  });

  test("reading goes on only when neither the decoding nor the application holds it back", async () => {
    const opened = openWith(new SlowCodec(), { role, maxQueuedAmount: 1 });
    opened.connection.pause();
    opened.receive(encodedText("first"), encodedText("second"), text("third"));
    await opened.codec.decoded();
    await opened.codec.decoded();
    expect(opened.transport.paused).toBe(true);
    opened.connection.resume();
    await turn();
    expect(opened.of("message")).toEqual([["first"], ["second"], ["third"]]);
    expect(opened.transport.paused).toBe(false);
  });
});

/** Lets everything happen, in the scheduler's order, until nothing is left to happen. */
async function untilIdle(scheduler: fc.Scheduler): Promise<void> {
  do {
    await scheduler.waitIdle();
    await turn();
  } while (scheduler.count() > 0);
}

test("the options of a message are those that its object had when it was sent", async () => {
  const codec = new PromptCodec();
  let release = () => {};
  const first = new Promise<null>((resolve) => {
    release = () => resolve(null);
  });
  const encode = codec.encode.bind(codec);
  codec.encode = () => first as never;
  const { connection } = openWith(codec, { role: "server" });
  connection.send("first");
  codec.encode = encode;
  const options: { compress?: boolean } = { compress: true };
  connection.send("second", options);
  options.compress = false;
  connection.send("third", options);
  delete options.compress;
  connection.send("fourth", options);
  options.compress = true;
  release();
  await turn();
  expect(codec.options.map(({ compress }) => compress)).toEqual([true, false, undefined]);
});

describe.each(ROLES)("any conversation, as %s", (role) => {
  const messages = fc.array(fc.record({ data: fc.string(), mark: fc.boolean(), ping: fc.boolean() }), {
    maxLength: 12,
  });

  test("a conversation through extensions arrives in its order, whatever is asynchronous and however the bytes are cut", () =>
    fc.assert(
      fc.asyncProperty(messages, fc.array(fc.nat(400)), fc.scheduler(), async (all, cuts, scheduler) => {
        const codec = new PromptCodec();
        codec.decode = (payload) => scheduler.schedule(Promise.resolve(reversed(payload))) as never;
        const opened = openWith(codec, { role, maxQueuedAmount: 64 });
        const specs = all.flatMap(({ data, mark, ping }) => [
          mark ? encodedText(data) : text(data),
          ...(ping ? [{ opcode: PING, payload: "" }] : []),
        ]);
        opened.transport.deliver(...cutAt(wire(role, ...specs, closeFrame(1000)), cuts));
        opened.transport.peerEnd();
        await untilIdle(scheduler);
        opened.transport.close();
        await turn();
        expect(opened.of("message").flat()).toEqual(all.map(({ data }) => wellFormed(data)));
        expect(opened.events.at(-1)).toEqual(["close", 1000, "", null]);
        expect(frames(opened).filter(([opcode]) => opcode === PONG)).toHaveLength(
          all.filter(({ ping }) => ping).length,
        );
      }),
      { numRuns: runs(1) },
    ));

  test("a conversation through extensions leaves in its order, whatever is asynchronous", () =>
    fc.assert(
      fc.asyncProperty(messages, fc.scheduler(), async (all, scheduler) => {
        const codec = new PromptCodec();
        codec.encode = (payload, _opcode, { compress }) =>
          compress === false ? null : (scheduler.schedule(Promise.resolve(reversed(payload))) as never);
        const opened = openWith(codec, { role });
        for (const { data, mark, ping } of all) {
          opened.connection.send(Buffer.from(data), { compress: mark });
          if (ping) opened.connection.ping();
        }
        opened.connection.close(1000);
        await untilIdle(scheduler);
        const sent = frames(opened).filter(([opcode]) => opcode !== PING);
        expect(sent.slice(0, -1)).toEqual(
          all.map(({ data, mark }) => [
            BINARY,
            mark ? RSV1 : 0,
            (mark ? reversed(data) : Buffer.from(data)).toString("latin1"),
          ]),
        );
        expect(sent.at(-1)?.[0]).toBe(CLOSE);
      }),
      { numRuns: runs(1) },
    ));
});
