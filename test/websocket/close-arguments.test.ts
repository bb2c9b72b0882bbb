import { describe, expect, test } from "vitest";
import { checkCloseCode, checkCloseReason, closeStatusOf } from "../../src/websocket/close-arguments.ts";
import { domException } from "../support/dom-exception.ts";

describe("WHATWG WebSockets, close()", () => {
  test.each([0, 999, 1001, 1005, 1006, 1011, 2999, 5000, 65_535])(
    "step 1: the code %d throws an InvalidAccessError",
    (code) => {
      const error = domException("InvalidAccessError", /must be 1000 or from 3000 to 4999/);
      expect(() => checkCloseCode(code)).toThrow(error);
      expect(() => closeStatusOf(code, "")).toThrow(error);
    },
  );

  test.each([1000, 3000, 4999])("step 1: the code %d may be sent", (code) => {
    expect(() => checkCloseCode(code)).not.toThrow();
    expect(closeStatusOf(code, "done")).toEqual({ code, reason: "done" });
  });

  test("step 2: a reason of more than 123 bytes of UTF-8 throws a SyntaxError", () => {
    expect(() => checkCloseReason("é".repeat(61))).not.toThrow();
    expect(() => checkCloseReason("é".repeat(62))).toThrow(domException("SyntaxError", /124 bytes/));
    expect(() => closeStatusOf(1000, "x".repeat(124))).toThrow(domException("SyntaxError", /124 bytes/));
  });

  test("step 1 comes before step 2", () => {
    expect(() => closeStatusOf(1, "x".repeat(124))).toThrow(domException("InvalidAccessError", /not 1/));
  });

  test("step 3: the Close frame has no body if there is neither a code nor a reason", () => {
    expect(closeStatusOf(undefined, undefined)).toEqual({ code: 1005, reason: "" });
    expect(closeStatusOf(undefined, "")).toEqual({ code: 1005, reason: "" });
  });

  test("a reason without a code gets the code 1000, since a frame cannot have it alone", () => {
    expect(closeStatusOf(undefined, "bye")).toEqual({ code: 1000, reason: "bye" });
  });
});
