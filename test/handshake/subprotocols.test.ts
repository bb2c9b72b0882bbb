import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { chooseSubprotocol, parseSubprotocols } from "../../src/handshake/index.ts";
import { request } from "../support/heads.ts";

describe("parseSubprotocols", () => {
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

  test("RFC 6455 section 11.3.4: several lines are one list", () => {
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
    ["a name twice in a line", ["chat, chat"]],
    ["a name twice over lines", ["chat", "x, chat"]],
  ])("RFC 6455 section 4.1, item 10: %s is invalid (tokens that MUST be unique)", (_, values) => {
    expect(parseSubprotocols(values)).toBeNull();
  });

  test("random values never throw, and what they offer is read back the same", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", ",", " ", "\t", "/") });
    fc.assert(
      fc.property(fc.array(text), (values) => {
        const offered = parseSubprotocols(values);
        if (offered !== null && offered.length > 0) expect(parseSubprotocols([offered.join(", ")])).toEqual(offered);
      }),
    );
  });

  test("100 KB of one name, of names or of commas are judged", () => {
    expect(parseSubprotocols(["a,".repeat(50_000)])).toBeNull();
    expect(parseSubprotocols([",".repeat(100_000)])).toBeNull();
    expect(parseSubprotocols([Array.from({ length: 20_000 }, (_, at) => at).join()])).toHaveLength(20_000);
  });
});

describe("chooseSubprotocol", () => {
  const choose = (offered: readonly string[], policy?: Parameters<typeof chooseSubprotocol>[1]) =>
    chooseSubprotocol(offered, policy, request());

  test("RFC 6455 section 4.2.2: the client's first that the server speaks is chosen", () => {
    expect(choose(["a", "b", "c"], ["c", "b"])).toBe("b");
  });

  test("RFC 6455 section 4.2.2: without agreement the only acceptable value is null", () => {
    expect(choose(["a"], ["b"])).toBeNull();
    expect(choose(["a"], ["A"])).toBeNull();
    expect(choose(["a"], [])).toBeNull();
    expect(choose(["a"])).toBeNull();
    expect(choose([], ["a"])).toBeNull();
  });

  test("RFC 6455 section 4.2.2: the choice is always one of those offered, or null", () => {
    const names = fc.uniqueArray(fc.constantFrom<string>("a", "b", "c", "d", "e"));
    fc.assert(
      fc.property(names, names, (offered, spoken) => {
        const chosen = choose(offered, spoken);
        if (chosen === null) expect(offered.filter((each) => spoken.includes(each))).toEqual([]);
        else
          expect(offered.slice(0, offered.indexOf(chosen) + 1).filter((each) => spoken.includes(each))).toEqual([
            chosen,
          ]);
      }),
    );
  });

  test("a function is given the offers and the request", () => {
    const policy = vi.fn(() => "b");
    const head = request();
    expect(chooseSubprotocol(["a", "b"], policy, head)).toBe("b");
    expect(policy).toHaveBeenCalledWith(["a", "b"], head);
  });

  test.each([null, undefined])("a function that gives %s chooses none", (nothing) => {
    expect(choose(["a"], () => nothing)).toBeNull();
  });

  test("a function is not asked when nothing is offered", () => {
    const policy = vi.fn(() => "a");
    expect(choose([], policy)).toBeNull();
    expect(policy).not.toHaveBeenCalled();
  });

  test.each(["z", "", "A"])(
    "a function that picks %j, which was not offered, throws an error that names it",
    (picked) => {
      expect(() => choose(["a"], () => picked)).toThrow(JSON.stringify(picked));
    },
  );
});
