import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HeaderFields } from "../../src/http/header-fields.ts";
import { argumentError } from "../support/argument-error.ts";

describe("a field is looked up", () => {
  const fields = HeaderFields.fromRaw(["Host", "a", "X-Y", "1", "x-y", "2", "X-y", ""]);

  test("by a case-insensitive name (RFC 6455 section 4.1)", () => {
    expect(fields.get("hOST")).toBe("a");
    expect(fields.all("X-Y")).toEqual(["1", "2", ""]);
  });

  test("with the values of several lines joined by a comma", () => {
    expect(fields.get("x-y")).toBe("1, 2, ");
  });

  test("with the values of several Cookie fields joined by a semicolon (RFC 6265 section 4.2)", () => {
    const cookies = HeaderFields.fromRaw(["Cookie", "a=1", "X", "y", "cookie", "b=2; c=3", "COOKIE", "d=4"]);
    expect(cookies.get("CooKie")).toBe("a=1; b=2; c=3; d=4");
    expect(cookies.toObject()["cookie"]).toBe("a=1; b=2; c=3; d=4");
  });

  test("with no result if the name does not occur", () => {
    expect(fields.get("x")).toBeUndefined();
    expect(fields.all("x")).toEqual([]);
  });

  test("among the names only, not among the values", () => {
    expect(HeaderFields.fromRaw(["A", "Host", "B", "x"]).get("host")).toBeUndefined();
  });
});

describe("fromRaw", () => {
  test("wraps names and values in turn and counts the fields", () => {
    const raw = ["Host", "a", "B", "c"];
    expect(HeaderFields.fromRaw(raw).raw).toBe(raw);
    expect(HeaderFields.fromRaw(raw).count).toBe(2);
    expect(HeaderFields.fromRaw([]).count).toBe(0);
  });

  test.each<[unknown, string]>([
    [{ host: "a" }, "an object"],
    [["Host"], "an array"],
    ["Host: a", '"Host: a"'],
    [undefined, "undefined"],
  ])("throws for %j, which is not a list of names and values", (rawHeaders, shown) => {
    const message = `rawHeaders must be a list of names and values in turn, not ${shown}`;
    expect(() => HeaderFields.fromRaw(rawHeaders as string[])).toThrow(
      argumentError(TypeError, "ARGUMENT_INVALID", message),
    );
  });
});

describe("toObject", () => {
  test("has lower-case names and the values that get() returns", () => {
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

  test("has no prototype, so that a field may be named __proto__", () => {
    const object = HeaderFields.fromRaw(["__proto__", "x", "Constructor", "y"]).toObject();
    expect(Object.getPrototypeOf(object)).toBeNull();
    expect(Object.entries(object)).toEqual([
      ["__proto__", "x"],
      ["constructor", "y"],
    ]);
    expect(object["tostring"]).toBeUndefined();
    expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
  });

  test("is made once and frozen", () => {
    const fields = HeaderFields.fromRaw(["A", "b"]);
    expect(fields.toObject()).toBe(fields.toObject());
    expect(Object.isFrozen(fields.toObject())).toBe(true);
  });
});

describe("toResponseHeaders", () => {
  test("has the values of Set-Cookie as a list, and otherwise equals toObject()", () => {
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

  test("has a list for a single Set-Cookie too, and no prototype", () => {
    const headers = HeaderFields.fromRaw([
      ...["Set-Cookie", "a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT"],
      ...["Location", "/"],
    ]).toResponseHeaders();
    expect(headers["set-cookie"]).toEqual(["a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT"]);
    expect(headers.location).toBe("/");
    expect(Object.getPrototypeOf(headers)).toBeNull();
  });
});
