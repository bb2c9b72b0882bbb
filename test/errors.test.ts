import { describe, expect, it } from "vitest";
import { withoutStack } from "../src/errors.ts";

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
