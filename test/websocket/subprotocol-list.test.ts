import { describe, expect, test } from "vitest";
import { subprotocolList } from "../../src/websocket/subprotocol-list.ts";
import { domException } from "../support/dom-exception.ts";

describe("WHATWG WebSockets, constructor", () => {
  test("step 8: a string is a sequence of that string", () => {
    expect(subprotocolList("chat")).toEqual(["chat"]);
    expect(subprotocolList(5)).toEqual(["5"]);
    expect(subprotocolList(null)).toEqual(["null"]);
  });

  test("a sequence keeps its order, whatever iterates over it", () => {
    expect(subprotocolList(["b", "a"])).toEqual(["b", "a"]);
    expect(subprotocolList(new Set(["b", "a"]))).toEqual(["b", "a"]);
    expect(subprotocolList([])).toEqual([]);
  });

  test("step 9: a name that occurs twice throws a SyntaxError", () => {
    expect(() => subprotocolList(["a", "b", "a"])).toThrow(domException("SyntaxError", /"a" is given twice/));
    expect(subprotocolList(["a", "A"])).toEqual(["a", "A"]);
  });

  test.each(["", " ", "a b", "a,b", "a/b", "é", "a\r\n", "(a)"])(
    "step 9: %j is not a token (RFC 6455 section 4.1, item 10), and throws a SyntaxError",
    (name) => {
      expect(() => subprotocolList(name)).toThrow(domException("SyntaxError", /must be a token/));
      expect(() => subprotocolList(["a", name])).toThrow(domException("SyntaxError", /must be a token/));
    },
  );

  test("a Symbol throws a TypeError", () => {
    expect(() => subprotocolList(Symbol("s"))).toThrow(TypeError);
  });
});
