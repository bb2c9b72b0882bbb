import { describe, expect, test } from "vitest";
import {
  type FrameListener,
  FrameParser,
  MessageAssembler,
  type MessageListener,
  type Role,
} from "../../src/framing/index.ts";
import { argumentError } from "../support/argument-error.ts";

const messages: MessageListener = { onMessage() {}, onEncodedMessage: () => null, onControlFrame: () => null };
const frames: FrameListener = new MessageAssembler(messages, 1);

describe("a FrameParser", () => {
  test.each([["sever"], [undefined], [null], ["SERVER"]])(
    "the constructor of FrameParser throws for the role %o",
    (role) => {
      expect(() => new FrameParser(role as Role, frames)).toThrow(
        argumentError(TypeError, "ARGUMENT_INVALID", /^role must be "server" or "client", not /),
      );
    },
  );

  test.each([0x80, 0x01, 0xff, -1, 0.5, Number.NaN])(
    "the constructor of FrameParser throws for %s as reserved bits",
    (bits) => {
      expect(() => new FrameParser("server", frames, bits)).toThrow(
        argumentError(TypeError, "ARGUMENT_INVALID", /^allowedRsv must be some of the bits of 0x70, not /),
      );
    },
  );

  test("the constructor of FrameParser throws without a listener, and for one that lacks a method", () => {
    for (const listener of [undefined, null, {}, () => {}]) {
      expect(() => new FrameParser("server", listener as unknown as FrameListener)).toThrow(
        argumentError(TypeError, "ARGUMENT_INVALID", "listener.onDataFrame must be a function, not undefined"),
      );
    }
  });
});

describe("a MessageAssembler", () => {
  test("the constructor of MessageAssembler throws for a listener that lacks a method", () => {
    const { onControlFrame, ...others } = messages;
    expect(() => new MessageAssembler(others as MessageListener, 1)).toThrow(
      argumentError(TypeError, "ARGUMENT_INVALID", "listener.onControlFrame must be a function, not undefined"),
    );
    expect(() => new MessageAssembler({ ...others, onControlFrame }, 1)).not.toThrow();
  });

  test("the constructor of MessageAssembler throws for a maxPayload that is not a whole number from 1", () => {
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
