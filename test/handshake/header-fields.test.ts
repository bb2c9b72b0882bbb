import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { HeadRule } from "../../src/handshake/head-fault.ts";
import { type Folding, HeaderFields } from "../../src/handshake/index.ts";

function parse(lines: readonly string[], maxHeaders = 100, folding: Folding = "refuse"): HeaderFields {
  const fields = HeaderFields.parse(lines, 0, maxHeaders, folding);
  if ("rule" in fields) throw new Error(`${fields.rule}: ${fields.text}`);
  return fields;
}

const refused = (lines: readonly string[], folding: Folding = "refuse") => HeaderFields.parse(lines, 0, 100, folding);

describe("parse", () => {
  test("names and values are kept as they were sent, in order, without the white space around the values", () => {
    const fields = parse(["Host: a", "X-y:\t b \t", "EMPTY:", "X-Y:c:d"]);
    expect(fields.raw).toEqual(["Host", "a", "X-y", "b", "EMPTY", "", "X-Y", "c:d"]);
    expect(fields.count).toBe(4);
  });

  test.each<[string, string, HeadRule]>([
    ["no colon", "Host", "colon"],
    ["no name", ": a", "fieldName"],
    ["an empty line", "", "colon"],
    ["a name with a space inside", "Ho st: a", "fieldName"],
    ["a name with a slash", "Ho/st: a", "fieldName"],
    ["a name with obs-text", "H\xf6st: a", "fieldName"],
    ["RFC 9112 section 5.1: a space before the colon, which MUST be refused", "Host : a", "spaceBeforeColon"],
    ["RFC 9112 section 5.1: a tab before the colon", "Host\t: a", "spaceBeforeColon"],
  ])("%s is refused", (_, line, rule) => {
    const fault = { rule, text: line };
    expect(refused([line])).toEqual(fault);
    expect(refused(["Host: a", line])).toEqual(fault);
    expect(refused(["Host: a", line], "unfold")).toEqual(fault);
  });

  test("exactly maxHeaders fields are read, one more is refused", () => {
    const lines = ["a: 1", "b: 2", "c: 3"];
    expect(parse(lines, 3).count).toBe(3);
    expect(HeaderFields.parse(lines, 0, 2, "refuse")).toEqual({ rule: "fieldCount", text: "" });
  });

  test("random lines never throw", () => {
    const line = fc.string({ unit: fc.constantFrom("a", ":", " ", "\t", "-", "\xff", "/") });
    fc.assert(
      fc.property(
        fc.array(fc.oneof(line, fc.string())),
        fc.constantFrom<Folding>("refuse", "unfold"),
        (lines, folding) => {
          HeaderFields.parse(lines, 0, 3, folding);
        },
      ),
    );
  });
});

describe("folded lines", () => {
  test.each([" b", "\tb", " ", "\t: x"])("RFC 9112 section 5.2: %j in a request is refused", (line) => {
    expect(refused(["A: a", line])).toEqual({ rule: "folding", text: line });
  });

  test("RFC 9112 section 5.2: in a response they MUST be replaced by a space", () => {
    expect(parse(["A: a", " b", "\t\tc ", " ", "B:", " d"], 100, "unfold").raw).toEqual(["A", "a b c", "B", "d"]);
  });

  test.each<Folding>(["refuse", "unfold"])(
    "RFC 9112 section 2.2: before the first field they are refused (%s)",
    (folding) => {
      expect(refused([" A: a"], folding)).toEqual({ rule: "folding", text: " A: a" });
    },
  );

  test("50,000 folds of one value are one value", () => {
    const fields = parse(["A:", ...Array.from({ length: 50_000 }, () => " b")], 1, "unfold");
    expect(fields.get("a")?.length).toBe(99_999);
  });
});

describe("look-up", () => {
  const fields = HeaderFields.fromRaw(["Host", "a", "X-Y", "1", "x-y", "2", "X-y", ""]);

  test("RFC 6455 section 4.1: names are case-insensitive", () => {
    expect(fields.get("hOST")).toBe("a");
    expect(fields.all("X-Y")).toEqual(["1", "2", ""]);
  });

  test("get joins the lines of one name by a comma", () => {
    expect(fields.get("x-y")).toBe("1, 2, ");
  });

  test("RFC 6265 section 4.2: the values of several Cookie fields are joined by a semicolon", () => {
    const cookies = HeaderFields.fromRaw(["Cookie", "a=1", "X", "y", "cookie", "b=2; c=3", "COOKIE", "d=4"]);
    expect(cookies.get("CooKie")).toBe("a=1; b=2; c=3; d=4");
    expect(cookies.toObject()["cookie"]).toBe("a=1; b=2; c=3; d=4");
  });

  test("a name that does not occur gives undefined and no values", () => {
    expect(fields.get("x")).toBeUndefined();
    expect(fields.all("x")).toEqual([]);
  });

  test("a value is never found as a name", () => {
    expect(HeaderFields.fromRaw(["A", "Host", "B", "x"]).get("host")).toBeUndefined();
  });

  test("fields from rawHeaders equal those that were parsed", () => {
    const parsed = parse(["Host: a", "B: c"]);
    const wrapped = HeaderFields.fromRaw(["Host", "a", "B", "c"]);
    expect(wrapped.raw).toEqual(parsed.raw);
    expect(wrapped.toObject()).toEqual(parsed.toObject());
  });
});

describe("toObject", () => {
  test("has lower-case names and joined values, and agrees with get", () => {
    const token = fc.constantFrom("A", "a", "b", "B", "Cookie", "cookie", "constructor", "__proto__", "toString");
    fc.assert(
      fc.property(fc.array(fc.tuple(token, fc.string())), (pairs) => {
        const fields = HeaderFields.fromRaw(pairs.flat());
        const object = fields.toObject();
        expect(new Set(Object.keys(object))).toEqual(new Set(pairs.map(([name]) => name.toLowerCase())));
        for (const [name] of pairs) expect(object[name.toLowerCase()]).toBe(fields.get(name));
      }),
    );
  });

  test("__proto__ is a name like any other", () => {
    const object = parse(["__proto__: x", "Constructor: y"]).toObject();
    expect(Object.getPrototypeOf(object)).toBeNull();
    expect(Object.entries(object)).toEqual([
      ["__proto__", "x"],
      ["constructor", "y"],
    ]);
    expect(object["tostring"]).toBeUndefined();
    expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
  });

  test("is made once", () => {
    const fields = parse(["A: b"]);
    expect(fields.toObject()).toBe(fields.toObject());
  });
});

describe("toResponseHeaders", () => {
  test("keeps the values of Set-Cookie apart, and has the same as toObject otherwise", () => {
    const token = fc.constantFrom("A", "a", "Set-Cookie", "set-cookie", "SET-COOKIE", "cookie", "__proto__");
    fc.assert(
      fc.property(fc.array(fc.tuple(token, fc.string())), (pairs) => {
        const fields = HeaderFields.fromRaw(pairs.flat());
        const headers = fields.toResponseHeaders();
        const cookies = pairs.filter(([name]) => name.toLowerCase() === "set-cookie").map(([, value]) => value);
        expect(headers["set-cookie"]).toEqual(cookies.length === 0 ? undefined : cookies);
        const others = (object: object) => Object.entries(object).filter(([name]) => name !== "set-cookie");
        expect(others(headers)).toEqual(others(fields.toObject()));
      }),
    );
  });

  test("has an array for a single Set-Cookie, too, and no prototype", () => {
    const headers = parse([
      "Set-Cookie: a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT",
      "Location: /",
    ]).toResponseHeaders();
    expect(headers["set-cookie"]).toEqual(["a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT"]);
    expect(headers.location).toBe("/");
    expect(Object.getPrototypeOf(headers)).toBeNull();
  });
});
