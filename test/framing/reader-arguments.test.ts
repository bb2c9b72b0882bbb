import { describe, expect, test } from "vitest";
import {
  encodeClosePayload,
  type FrameListener,
  FrameParser,
  isCloseCode,
  MessageAssembler,
  type MessageListener,
  type Role,
} from "../../src/framing/index.ts";
import { argumentError } from "../support/argument-error.ts";

const messages: MessageListener = { onMessage() {}, onEncodedMessage: () => null, onControlFrame: () => null };
const frames: FrameListener = new MessageAssembler(messages, 1);

describe("a FrameParser", () => {
  test.each([["sever"], [undefined], [null], ["SERVER"]])("is not made for the role %o", (role) => {
    expect(() => new FrameParser(role as Role, frames)).toThrow(
      argumentError(TypeError, "ARGUMENT_INVALID", /^role must be "server" or "client", not /),
    );
  });

  test.each([0x80, 0x01, 0xff, -1, 0.5, Number.NaN])("is not made with %s for reserved bits", (bits) => {
    expect(() => new FrameParser("server", frames, bits)).toThrow(
      argumentError(TypeError, "ARGUMENT_INVALID", /^allowedRsv must be some of the bits of 0x70, not /),
    );
  });

  test("is not made without a listener, or with one that lacks a method", () => {
    for (const listener of [undefined, null, {}, () => {}]) {
      expect(() => new FrameParser("server", listener as unknown as FrameListener)).toThrow(
        argumentError(TypeError, "ARGUMENT_INVALID", "listener.onDataFrame must be a function, not undefined"),
      );
    }
  });
});

describe("a MessageAssembler", () => {
  test("is not made with a listener that lacks a method", () => {
    const { onControlFrame, ...others } = messages;
    expect(() => new MessageAssembler(others as MessageListener, 1)).toThrow(
      argumentError(TypeError, "ARGUMENT_INVALID", "listener.onControlFrame must be a function, not undefined"),
    );
    expect(() => new MessageAssembler({ ...others, onControlFrame }, 1)).not.toThrow();
  });

  test("is not made without a limit", () => {
    for (const limit of [undefined, "5", null]) {
      expect(() => new MessageAssembler(messages, limit as unknown as number)).toThrow(
        argumentError(TypeError, "ARGUMENT_INVALID", /^maxPayload must be a whole number from 1/),
      );
    }
    for (const limit of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => new MessageAssembler(messages, limit)).toThrow(
        argumentError(RangeError, "ARGUMENT_INVALID", /^maxPayload must be a whole number from 1/),
      );
    }
  });
});

describe("a Close frame", () => {
  test("RFC 6455 section 7.4: is not laid out for a status that must not be sent", () => {
    for (const code of [0, 1004, 1006, 1015, 5000]) {
      expect(() => encodeClosePayload({ code, reason: "" })).toThrow(
        argumentError(RangeError, "ARGUMENT_INVALID", /./),
      );
    }
    expect(() => encodeClosePayload({ code: 1000, reason: "x".repeat(124) })).toThrow(RangeError);
  });

  test("RFC 6455 section 7.4: has a code that is a whole number", () => {
    expect(isCloseCode(1000)).toBe(true);
    for (const code of [1000.5, "1000", Number.NaN]) expect(isCloseCode(code as unknown as number)).toBe(false);
  });
});
