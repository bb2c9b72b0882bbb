/** What an application's own extension may do wrong: the connection fails, and nothing else. */
import { describe, expect, test } from "vitest";
import { open, ROLES, text, turn } from "../support/connection-harness.ts";
import { CLOSE, decodeFrames } from "../support/frames.ts";
import { PromptCodec, SlowCodec } from "./codecs.ts";

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
});
