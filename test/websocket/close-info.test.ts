import { describe, expect, test } from "vitest";
import { closeStatusFrom } from "../../src/websocket/close-info.ts";
import { domException } from "../support/dom-exception.ts";

const from = (info: unknown) => closeStatusFrom(info, "close()");

describe("the dictionary WebSocketCloseInfo", () => {
  test.each([
    [undefined],
    [null],
    [{}],
    [[]],
    [() => {}],
    [{ closeCode: undefined, reason: undefined }],
    [{ reason: "" }],
  ])("%s gives a Close frame without a body", (info) => {
    expect(from(info)).toEqual({ code: 1005, reason: "" });
  });

  test.each([
    [{ closeCode: 4000 }, 4000, ""],
    [{ closeCode: "4000", reason: null }, 4000, "null"],
    [{ closeCode: 4000.9, reason: "a\ud800" }, 4000, "a\ufffd"],
    [{ reason: "only" }, 1000, "only"],
    [Object.create({ closeCode: 3000, reason: "inherited" }), 3000, "inherited"],
  ])("%j is converted by Web IDL", (info, code, reason) => {
    expect(from(info)).toEqual({ code, reason });
  });

  test.each([true, 1, "x", Symbol("s"), 1n])("%s is not a dictionary, and throws a TypeError", (info) => {
    expect(() => from(info)).toThrow(/^close\(\) takes an object such as \{ closeCode: 1000, reason: "done" \}$/);
    expect(() => from(info)).toThrow(TypeError);
  });

  test.each([-1, 65_536, Number.NaN, Number.POSITIVE_INFINITY, "abc", 1000n])(
    "a closeCode of %s is not an unsigned short, and throws a TypeError",
    (closeCode) => {
      expect(() => from({ closeCode })).toThrow(TypeError);
    },
  );

  test.each([0, 999, 1001, 2999, 5000, 65_535, null])("a closeCode of %s throws an InvalidAccessError", (closeCode) => {
    expect(() => from({ closeCode })).toThrow(domException("InvalidAccessError", /must be 1000 or from 3000 to 4999/));
  });

  test("a reason of more than 123 bytes throws a SyntaxError, and a code that is not valid comes first", () => {
    const reason = "x".repeat(124);
    expect(() => from({ reason })).toThrow(domException("SyntaxError", /124 bytes/));
    expect(() => from({ closeCode: 999, reason })).toThrow(domException("InvalidAccessError", /999/));
  });
});
