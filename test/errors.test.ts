import { describe, expect, it } from "vitest";
import { ConnectionError } from "../src/endpoint/connection-error.ts";
import { withoutStack } from "../src/errors.ts";
import { ExtensionViolations } from "../src/extensions/extension-violations.ts";
import { RefusalError } from "../src/handshake/refusal-error.ts";
import { ConnectError } from "../src/node/connect-error.ts";
import { argumentError } from "./support/argument-error.ts";

describe("the classes of errors", () => {
  it.each([ConnectionError, ConnectError, RefusalError])("cannot be made by applications: %o", (ErrorClass) => {
    const Made = ErrorClass as unknown as new (...args: unknown[]) => Error;
    const message = "the library makes its errors itself: use refuse(status, message) for a refusal";
    for (const args of [[], ["no"], [403, "no"], [{ status: 403 }]]) {
      expect(() => new Made(...args)).toThrow(argumentError(TypeError, "ARGUMENT_INVALID", message));
    }
  });

  it("have a message of one line, whatever its parts contain", () => {
    const error = new ConnectionError(
      { ...ExtensionViolations.EXTENSION_FAILED, message: "a\r\nb" },
      "c\u2028d\x1b[31m",
    );
    expect(error.message).toBe("a b: c d [31m (RFC 6455 section 7.4.1)");
  });
});

describe("an error without a stack", () => {
  const framesOf = (error: Error) => error.stack?.split("\n").slice(1);

  it("has no frames, and the next one has again", () => {
    const { stackTraceLimit } = Error;
    expect(framesOf(withoutStack(() => new Error("lost")))).toEqual([]);
    expect(Error.stackTraceLimit).toBe(stackTraceLimit);
    expect(framesOf(new Error("next"))).not.toEqual([]);
  });

  it("leaves the next one its frames also when it cannot be made", () => {
    const fail = () => {
      throw new TypeError("no such error");
    };
    expect(() => withoutStack(fail)).toThrow("no such error");
    expect(framesOf(new Error("next"))).not.toEqual([]);
  });

  it("is made where the limit cannot be changed", () => {
    const limit = Object.getOwnPropertyDescriptor(Error, "stackTraceLimit") as PropertyDescriptor;
    Object.defineProperty(Error, "stackTraceLimit", { ...limit, writable: false });
    try {
      expect(withoutStack(() => new Error("lost")).message).toBe("lost");
    } finally {
      Object.defineProperty(Error, "stackTraceLimit", limit);
    }
  });
});
