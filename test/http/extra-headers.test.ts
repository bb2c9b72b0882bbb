import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ExtraHeaders, headerEntries } from "../../src/http/extra-headers.ts";
import { argumentError } from "../support/argument-error.ts";

const entries = (headers: unknown) => headerEntries(headers as ExtraHeaders);

describe("the header fields of an application", () => {
  const expected = [
    ["A", ["1"]],
    ["B", ["2", "3"]],
  ];

  test("may be an object, a Map, a list of pairs, or anything that iterates over pairs", () => {
    const record = { A: "1", B: ["2", "3"] };
    const pairs = Object.entries(record);
    function* generated() {
      yield* pairs;
    }
    const forms = [
      record,
      Object.assign(Object.create(null), record),
      new Map(pairs),
      pairs,
      new Set(pairs),
      generated(),
    ];
    for (const form of forms) expect(entries(form)).toEqual(expected);
  });

  test("keep the values of Set-Cookie apart and come in the order of a Headers object", () => {
    const headers = new Headers([
      ["X-B", "2"],
      ["Set-Cookie", "a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT"],
      ["Set-Cookie", "b=2"],
      ["X-A", "1"],
    ]);
    expect(entries(headers)).toEqual([
      ["x-a", ["1"]],
      ["x-b", ["2"]],
      ["set-cookie", ["a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "b=2"]],
    ]);
  });

  test("keep the values of Set-Cookie apart even if a Headers object joins them when it is iterated over", () => {
    const polyfill = {
      *[Symbol.iterator]() {
        yield ["set-cookie", "a=1, b=2"];
        yield ["x-a", "1"];
      },
      getSetCookie: () => ["a=1", "b=2"],
    };
    expect(entries(polyfill)).toEqual([
      ["x-a", ["1"]],
      ["set-cookie", ["a=1", "b=2"]],
    ]);
  });

  test("may be empty", () => {
    expect(entries({})).toEqual([]);
    expect(entries([])).toEqual([]);
    expect(entries(new Map())).toEqual([]);
  });

  test("are the same in every form", () => {
    const record = fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.array(fc.string())));
    fc.assert(
      fc.property(record, (headers) => {
        const pairs = Object.entries(headers);
        expect(entries(pairs)).toEqual(entries(headers));
        expect(entries(new Map(pairs))).toEqual(entries(headers));
      }),
    );
  });
});

describe("headerEntries", () => {
  class Fields {
    readonly accept = "x";
  }

  test.each<[string, unknown, string]>([
    ["a string", "Authorization: secret", "a string"],
    ["null", null, "null"],
    ["a number", 5, "5"],
    ["a function", () => ({}), "a function"],
    ["a promise", Promise.resolve({ A: "1" }), "a Promise object"],
    ["a Date", new Date(), "a Date object"],
    ["an object of a class", new Fields(), "a Fields object"],
  ])("throws for %s instead of ignoring it", (_, headers, shown) => {
    const message = `headers must be an object, a Map, a list of pairs or a Headers object, not ${shown}`;
    expect(() => entries(headers)).toThrow(argumentError(TypeError, "HEADER_INVALID", message));
  });

  test.each<[string, unknown, string]>([
    ["a flat list of names and values", ["A", "1"], "a string"],
    ["a string of two letters", ["ab"], "a string"],
    ["lines", ["Authorization: secret"], "a string"],
    ["a pair without a value", [["A"]], "an array"],
    ["a pair with a third item", [["A", "1", "2"]], "an array"],
    ["a record", [{ A: "1" }], "an object"],
    ["bytes", Buffer.from("A"), "65"],
  ])("throws for a list with %s", (_, headers, shown) => {
    const message = `each item of a list of headers must be a pair [name, value], not ${shown}`;
    expect(() => entries(headers)).toThrow(argumentError(TypeError, "HEADER_INVALID", message));
  });

  test.each<[unknown, string]>([
    [5, "5"],
    [undefined, "undefined"],
    [null, "null"],
    [true, "true"],
    [{}, "an object"],
    [["a", 5], "5"],
    [[undefined], "undefined"],
    [new Set(["a"]), "a Set object"],
  ])("throws for the value %o and names its field", (value, shown) => {
    const message = `the value of the header field A must be a string or a list of strings, not ${shown}`;
    expect(() => entries({ A: value })).toThrow(argumentError(TypeError, "HEADER_INVALID", message));
    expect(() => entries([["A", value]])).toThrow(argumentError(TypeError, "HEADER_INVALID", message));
  });

  test("throws for a name that is not a string", () => {
    expect(() => entries(new Map([[5, "a"]]))).toThrow(argumentError(TypeError, "HEADER_INVALID", /not 5$/));
  });
});
