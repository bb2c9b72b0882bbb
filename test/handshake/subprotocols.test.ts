import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { chooseSubprotocol, parseSubprotocols } from "../../src/handshake/subprotocols.ts";
import { request } from "../support/heads.ts";

describe("parseSubprotocols()", () => {
  test.each([
    [[], []],
    [["chat"], ["chat"]],
    [["chat, superchat"], ["chat", "superchat"]],
    [["chat,superchat\t, x"], ["chat", "superchat", "x"]],
    [["chat, Chat"], ["chat", "Chat"]],
    [[",chat,,x,"], ["chat", "x"]],
  ])("RFC 6455 section 4.1, item 10: %j offers %j", (values, offered) => {
    expect(parseSubprotocols(values)).toEqual(offered);
  });

  test("reads several lines as one list: RFC 6455 section 11.3.4", () => {
    expect(parseSubprotocols(["chat", "superchat, x"])).toEqual(["chat", "superchat", "x"]);
  });

  test.each([
    ["an empty value", [""]],
    ["commas alone", [", ,"]],
    ["a space inside", ["chat room"]],
    ["a separator", ["chat/1"]],
    ["a quoted string", ['"chat"']],
    ["a semicolon", ["chat;x"]],
    ["obs-text", ["ch\xe4t"]],
    ["no-break space", ["\xa0chat"]],
    ["a duplicate name on one line", ["chat, chat"]],
    ["a duplicate name on another line", ["chat", "x, chat"]],
  ])("RFC 6455 section 4.1, item 10: %s is invalid (tokens that MUST be unique)", (_, values) => {
    expect(parseSubprotocols(values)).toBeNull();
  });

  test("never throws for random values, and reads its own result back unchanged", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", ",", " ", "\t", "/") });
    fc.assert(
      fc.property(fc.array(text), (values) => {
        const offered = parseSubprotocols(values);
        if (offered !== null && offered.length > 0) expect(parseSubprotocols([offered.join(", ")])).toEqual(offered);
      }),
    );
  });

  test("reads 100 KB of one name, of names or of commas", () => {
    expect(parseSubprotocols(["a,".repeat(50_000)])).toBeNull();
    expect(parseSubprotocols([",".repeat(100_000)])).toBeNull();
    expect(parseSubprotocols([Array.from({ length: 20_000 }, (_, at) => at).join()])).toHaveLength(20_000);
  });
});

describe("chooseSubprotocol()", () => {
  const choose = (offered: readonly string[], policy?: Parameters<typeof chooseSubprotocol>[1]) =>
    chooseSubprotocol(offered, policy, request());

  test("chooses the first subprotocol of the client that the server supports: RFC 6455 section 4.2.2", () => {
    expect(choose(["a", "b", "c"], ["c", "b"])).toBe("b");
  });

  test("chooses none if the server supports none of those offered: RFC 6455 section 4.2.2", () => {
    expect(choose(["a"], ["b"])).toBeNull();
    expect(choose(["a"], ["A"])).toBeNull();
    expect(choose(["a"], [])).toBeNull();
    expect(choose(["a"])).toBeNull();
    expect(choose([], ["a"])).toBeNull();
  });

  test("RFC 6455 section 4.2.2: the choice is always one of those offered, or null", () => {
    const names = fc.uniqueArray(fc.constantFrom<string>("a", "b", "c", "d", "e"));
    fc.assert(
      fc.property(names, names, (offered, supported) => {
        const chosen = choose(offered, supported);
        if (chosen === null) expect(offered.filter((each) => supported.includes(each))).toEqual([]);
        else
          expect(offered.slice(0, offered.indexOf(chosen) + 1).filter((each) => supported.includes(each))).toEqual([
            chosen,
          ]);
      }),
    );
  });

  test("calls a function with the offers and the request", () => {
    const policy = vi.fn(() => "b");
    const head = request();
    expect(chooseSubprotocol(["a", "b"], policy, head)).toBe("b");
    expect(policy).toHaveBeenCalledWith(["a", "b"], head);
  });

  test.each([null, undefined])("chooses none if a function returns %s", (nothing) => {
    expect(choose(["a"], () => nothing)).toBeNull();
  });

  test("does not call a function if nothing is offered", () => {
    const policy = vi.fn(() => "a");
    expect(choose([], policy)).toBeNull();
    expect(policy).not.toHaveBeenCalled();
  });

  test.each(["z", "", "A"])("throws if a function chooses %j, which was not offered, and names it", (chosen) => {
    expect(() => choose(["a"], () => chosen)).toThrow(JSON.stringify(chosen));
  });
});
