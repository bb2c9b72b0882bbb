import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { connectionEndedBy, WebSocketError } from "../../src/websocket/websocket-error.ts";
import { domException } from "../support/dom-exception.ts";

describe("the constructor of WebSocketError", () => {
  test("steps 1 and 2: it is a DOMException with the name WebSocketError and the message", () => {
    const error = new WebSocketError("the game is over");
    expect(error).toBeInstanceOf(DOMException);
    expect(error).toBeInstanceOf(Error);
    expect(error).toBeInstanceOf(WebSocketError);
    expect({ name: error.name, message: error.message, code: error.code }).toEqual({
      name: "WebSocketError",
      message: "the game is over",
      code: 0,
    });
    expect(String(error)).toBe("WebSocketError: the game is over");
    expect(Object.prototype.toString.call(error)).toBe("[object WebSocketError]");
  });

  test.each([[[]], [[undefined, undefined]], [["", null]], [["", {}]], [["", { closeCode: undefined, reason: "" }]]])(
    "without a code and a reason the closeCode is null: new WebSocketError(...%j)",
    (given) => {
      const error = Reflect.construct(WebSocketError, given);
      expect([error.message, error.closeCode, error.reason]).toEqual(["", null, ""]);
    },
  );

  test("steps 3 and 4: it has the code and the reason", () => {
    const error = new WebSocketError("m", { closeCode: 3456, reason: "réason" });
    expect([error.closeCode, error.reason]).toEqual([3456, "réason"]);
  });

  test.each([0, 999, 1001, 1005, 1006, 2999, 5000, 65_535])(
    "step 5: the code %d throws an InvalidAccessError",
    (closeCode) => {
      expect(() => new WebSocketError("", { closeCode })).toThrow(
        domException("InvalidAccessError", /1000 or from 3000/),
      );
    },
  );

  test("step 5: a reason of more than 123 bytes of UTF-8 throws a SyntaxError", () => {
    expect(new WebSocketError("", { reason: "x".repeat(123) }).reason).toHaveLength(123);
    expect(() => new WebSocketError("", { reason: "🔌".repeat(31) })).toThrow(domException("SyntaxError", /124 bytes/));
  });

  test("step 6: a reason without a code gets the code 1000", () => {
    expect(new WebSocketError("", { reason: "specified" }).closeCode).toBe(1000);
  });

  test.each([true, "x", 1, Symbol("s")])("an init that is not an object throws a TypeError: %s", (init) => {
    expect(() => Reflect.construct(WebSocketError, ["", init])).toThrow(TypeError);
  });
});

describe("a WebSocketError", () => {
  test("has its attributes on the prototype, enumerable and read-only", () => {
    for (const name of ["closeCode", "reason"]) {
      const descriptor = Object.getOwnPropertyDescriptor(WebSocketError.prototype, name);
      expect(descriptor).toMatchObject({ enumerable: true, configurable: true, set: undefined });
    }
    expect(Object.keys(new WebSocketError())).toEqual([]);
    expect(WebSocketError.length).toBe(0);
  });

  test("is shown with its name and its message by node's console", () => {
    expect(inspect(new WebSocketError("the game is over"))).toMatch(/WebSocketError.*: the game is over/);
  });

  test("can be a base class: what is derived from it keeps its prototype", () => {
    class GameOver extends WebSocketError {}
    const error = new GameOver("m", { closeCode: 4000 });
    expect(error).toBeInstanceOf(GameOver);
    expect(error.closeCode).toBe(4000);
  });

  test("of the library's own has codes that cannot be sent, and a cause", () => {
    const cause = new Error("what was wrong");
    const error = connectionEndedBy("not clean", { code: 1006, reason: "" }, cause);
    expect([error.closeCode, error.reason, error.message, error.cause]).toEqual([1006, "", "not clean", cause]);
    expect(Object.keys(error)).toEqual([]);
    expect(connectionEndedBy("not open", null, undefined).closeCode).toBeNull();
  });
});
