import { describe, expect, test } from "vitest";
import { isPromise, synchronousResult } from "../../src/handshake/hook-result.ts";
import { argumentError } from "../support/argument-error.ts";

/** A promise of a library: it has then(), but neither catch() nor the class Promise. */
const thenable = withThen((resolve: (value: boolean) => void) => resolve(true));

/** Lint forbids a literal with a then(). */
function withThen<Then>(then: Then): { readonly then: Then } {
  const object = {};
  Reflect.set(object, "then", then);
  return object as { then: Then };
}

describe("synchronousResult", () => {
  test.each([true, false, undefined, null, "text", { A: "b" }, [1]])("returns the result %j unchanged", (result) => {
    expect(synchronousResult(result, "path")).toBe(result);
  });

  test.each([
    ["a promise", Promise.resolve(true)],
    ["a promise of a library", thenable],
  ])("throws for %s and names the hook", (_, promise) => {
    const message = "path returned a promise, but it may not be asynchronous";
    expect(() => synchronousResult(promise, "path")).toThrow(argumentError(TypeError, "OPTION_INVALID", message));
  });

  test("throws with the code that is given", () => {
    expect(() => synchronousResult(thenable, "headers", "HEADER_INVALID")).toThrow(
      argumentError(TypeError, "HEADER_INVALID", /^headers returned a promise/),
    );
  });

  test("ignores the rejection of the promise, which would otherwise end the process", async () => {
    const unhandled: unknown[] = [];
    const onUnhandled = (reason: unknown) => unhandled.push(reason);
    process.on("unhandledRejection", onUnhandled);
    try {
      expect(() => synchronousResult(Promise.reject(new Error("mine")), "path")).toThrow(TypeError);
      // Node reports a rejection before the next turn of the event loop.
      await new Promise(setImmediate);
    } finally {
      process.off("unhandledRejection", onUnhandled);
    }
    expect(unhandled).toEqual([]);
  });
});

describe("isPromise", () => {
  test("recognizes promises by their then()", () => {
    expect([isPromise<unknown>(Promise.resolve()), isPromise<unknown>(thenable)]).toEqual([true, true]);
  });

  test.each([null, undefined, true, "then", {}, withThen(true), () => {}])("returns false for %o", (value) => {
    expect(isPromise<unknown>(value)).toBe(false);
  });
});
