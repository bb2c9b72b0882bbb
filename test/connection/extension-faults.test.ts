/** What an application's own extension may do wrong: the connection fails, and nothing else. */
import { describe, expect, test } from "vitest";
import type { MessageCodec, PieceDecoder, PieceEncoder } from "../../src/extensions/index.ts";
import { open, ROLES, text, turn } from "../support/connection-harness.ts";
import { CLOSE, decodeFrames } from "../support/frames.ts";
import { PromptCodec, SlowCodec } from "./codecs.ts";

function broken(): never {
  throw new Error("broken");
}

/** A codec that leaves pieces as they are, with a fault in the way of those that are received or sent. */
function piecewise(fault: { decoder?: Partial<PieceDecoder>; encoder?: Partial<PieceEncoder> }): MessageCodec {
  const codec = new PromptCodec();
  return Object.assign(codec, {
    decodePieces: () => {
      let unread: Buffer | null = null;
      return {
        write(payload: Buffer) {
          unread = Buffer.from(payload);
        },
        end() {},
        read() {
          const piece = unread;
          unread = null;
          return piece;
        },
        close() {},
        ...fault.decoder,
      };
    },
    encodePieces: () => ({ encode: (payload: Uint8Array) => Buffer.from(payload), close() {}, ...fault.encoder }),
  });
}

describe.each(ROLES)("an extension's fault, as %s", (role) => {
  test.each([undefined, 5, {}])("a message encoded as %j, at once, ends the connection with 1011", async (result) => {
    const codec = new PromptCodec();
    codec.encode = () => result as never;
    const opened = open({ role, stages: [{ rsv: 0x40, codec }] });
    expect(() => opened.connection.send("x")).not.toThrow();
    expect(opened.of("error")).toEqual([[expect.objectContaining({ code: "EXTENSION_FAILED" })]]);
  });

  test("a message encoded as undefined behind an asynchronous one ends the connection with 1011", async () => {
    const codec = new SlowCodec();
    const opened = open({ role, stages: [{ rsv: 0x40, codec }] });
    opened.connection.send("first");
    opened.connection.send("second");
    codec.encode = () => undefined as never;
    await codec.encoded();
    await turn();
    expect(opened.of("error")).toEqual([[expect.objectContaining({ code: "EXTENSION_FAILED" })]]);
  });

  test("RFC 6455 section 5.5: an extension's violation with a long message still makes a Close frame of at most 125 bytes", () => {
    const codec = new PromptCodec();
    codec.decode = () => ({
      kind: "violation",
      code: "OWN",
      closeCode: 1008,
      section: "its own",
      message: "é".repeat(300),
    });
    const opened = open({ role, stages: [{ rsv: 0x40, codec }] });
    opened.receive({ ...text("x"), rsv: 4 });
    const close = decodeFrames(opened.transport.bytes).find(({ opcode }) => opcode === CLOSE);
    expect(close?.payload.length).toBeLessThanOrEqual(125);
    expect(close?.payload.subarray(2).toString()).not.toContain("\ufffd");
  });

  test("RFC 6455 section 7.4: an extension's close code that must not be sent becomes 1011", () => {
    const codec = new PromptCodec();
    codec.decode = () =>
      ({ kind: "violation", code: "OWN", closeCode: 1005, section: "its own", message: "wrong" }) as never;
    const opened = open({ role, stages: [{ rsv: 0x40, codec }] });
    opened.receive({ ...text("x"), rsv: 4 });
    const close = decodeFrames(opened.transport.bytes).find(({ opcode }) => opcode === CLOSE);
    expect(close?.payload.readUInt16BE()).toBe(1011);
  });

  test("an exception of a codec's close() neither hides the close event nor keeps other extensions open", async () => {
    const [broken, other] = [new PromptCodec(), new PromptCodec()];
    broken.close = () => {
      throw new Error("broken");
    };
    const opened = open({
      role,
      stages: [
        { rsv: 0x40, codec: broken },
        { rsv: 0x20, codec: other },
      ],
    });
    opened.receive(text("x"));
    expect(() => opened.transport.close()).not.toThrow();
    await turn();
    expect(opened.of("close")).toHaveLength(1);
    expect(other.closed).toBe(1);
  });

  test.each([
    ["decodePieces() throws", Object.assign(new PromptCodec(), { decodePieces: broken })],
    ["write() throws", piecewise({ decoder: { write: broken } })],
    ["read() throws", piecewise({ decoder: { read: broken } })],
    ["end() throws", piecewise({ decoder: { end: broken } })],
    ["close() throws at the end of the message", piecewise({ decoder: { close: broken } })],
  ])("a message in pieces whose %s fails the connection, and the loop throws", async (_what, codec) => {
    const opened = open({ role, stages: [{ rsv: 0x40, codec }] });
    const loop = (async () => {
      for await (const message of opened.connection.streams()) for await (const piece of message) void piece;
    })();
    expect(() => opened.receive({ ...text("x"), rsv: 4 })).not.toThrow();
    opened.transport.close();
    await expect(loop).rejects.toMatchObject({ code: "EXTENSION_FAILED", cause: { message: "broken" } });
    expect([opened.of("error").length, opened.of("close").length]).toEqual([1, 1]);
  });

  test("a decoder whose close() throws in the middle of a message does not keep the connection from its end", async () => {
    const codec = piecewise({ decoder: { close: broken } });
    const opened = open({ role, stages: [{ rsv: 0x40, codec }] });
    opened.connection.streams();
    opened.receive({ ...text("x"), rsv: 4, fin: false });
    expect(() => opened.connection.terminate()).not.toThrow();
    opened.transport.close();
    await turn();
    expect(opened.of("close")).toMatchObject([[1006, "", { code: "TERMINATED" }]]);
  });

  test.each([
    ["encodePieces() throws", Object.assign(new PromptCodec(), { encodePieces: broken })],
    ["encode() throws", piecewise({ encoder: { encode: broken } })],
    ["encode() returns no bytes", piecewise({ encoder: { encode: () => "text" as never } })],
  ])("a message in fragments whose %s ends the connection with 1011", async (_what, codec) => {
    const opened = open({ role, stages: [{ rsv: 0x40, codec }] });
    const sending = opened.connection.sendStream(["a", "b"]);
    await expect(sending).rejects.toMatchObject({ code: "STREAM_CUT_OFF", cause: { code: "EXTENSION_FAILED" } });
    await turn();
    const frames = decodeFrames(opened.transport.bytes);
    expect(frames.map(({ opcode, payload }) => [opcode, payload.readUInt16BE()])).toEqual([[CLOSE, 1011]]);
  });

  test("an encoder whose close() throws in the middle of a message does not keep the Close frame back", async () => {
    const opened = open({ role, stages: [{ rsv: 0x40, codec: piecewise({ encoder: { close: broken } }) }] });
    const sending = opened.connection.sendStream(
      (async function* () {
        yield "a";
        await new Promise(() => {});
      })(),
    );
    await turn();
    expect(() => opened.connection.close(4000)).not.toThrow();
    await expect(sending).rejects.toMatchObject({ code: "STREAM_CUT_OFF" });
    await turn();
    expect(decodeFrames(opened.transport.bytes).at(-1)).toMatchObject({ opcode: CLOSE });
  });
});
