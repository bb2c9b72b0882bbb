import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import {
  isObject,
  requireArguments,
  toClampedUnsignedShort,
  toDomString,
  toEnumeration,
  toSequenceOfDomStrings,
  toUnsignedShort,
  toUsvString,
} from "../../src/websocket/web-idl.ts";

describe("Web IDL: a conversion to", () => {
  test("DOMString follows ToString, and throws a TypeError for a Symbol", () => {
    const values = [null, undefined, 1.5, true, ["a", "b"], { toString: () => "own" }, 10n];
    expect(values.map(toDomString)).toEqual(["null", "undefined", "1.5", "true", "a,b", "own", "10"]);
    expect(() => toDomString(Symbol("s"))).toThrow(TypeError);
  });

  test("USVString replaces each lone surrogate by U+FFFD", () => {
    expect(toUsvString("a\ud800b\udc00\u{1f600}")).toBe("a\ufffdb\ufffd\u{1f600}");
  });

  test.each([
    [1000, 1000],
    ["1000", 1000],
    [65_536, 0],
    [66_536, 1000],
    [-1, 65_535],
    [-0.5, 0],
    [1000.9, 1000],
    [Number.NaN, 0],
    [Number.POSITIVE_INFINITY, 0],
    [null, 0],
  ])("unsigned short makes %j %d", (value, expected) => {
    expect(toUnsignedShort(value)).toBe(expected);
  });

  test.each([
    [1000.5, 1000],
    [1001.5, 1002],
    [1000.51, 1001],
    [-3, 0],
    [-0, 0],
    [1e9, 65_535],
    [Number.POSITIVE_INFINITY, 65_535],
    [Number.NaN, 0],
    ["3000", 3000],
    [undefined, 0],
    [{ valueOf: (): number => 4000 }, 4000],
  ])("[Clamp] unsigned short makes %j %d", (value, expected) => {
    expect(toClampedUnsignedShort(value)).toBe(expected);
  });

  test("a number throws a TypeError for a BigInt and a Symbol", () => {
    for (const convert of [toUnsignedShort, toClampedUnsignedShort]) {
      expect(() => convert(10n)).toThrow(TypeError);
      expect(() => convert(Symbol("s"))).toThrow(TypeError);
    }
  });

  test("[Clamp] unsigned short gives a whole number that no other is nearer to", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: -10, max: 70_000 }), (value) => {
        const result = toClampedUnsignedShort(value);
        const wanted = Math.min(Math.max(value, 0), 65_535);
        expect(Number.isInteger(result)).toBe(true);
        expect(Math.abs(result - wanted)).toBeLessThanOrEqual(0.5);
      }),
    );
  });

  test("a sequence takes any object with an iterator, and reads the iterator once", () => {
    expect(toSequenceOfDomStrings(["a", 1])).toEqual(["a", "1"]);
    expect(toSequenceOfDomStrings(new Set(["a"]))).toEqual(["a"]);
    expect(toSequenceOfDomStrings(new String("ab"))).toEqual(["a", "b"]);
    let reads = 0;
    const counting = {
      get [Symbol.iterator]() {
        reads++;
        return () => ["x"].values();
      },
    };
    expect(toSequenceOfDomStrings(counting)).toEqual(["x"]);
    expect(reads).toBe(1);
  });

  test("a sequence does not take what has no iterator, and throws for a wrong one", () => {
    for (const value of ["ab", null, undefined, {}, 5, { [Symbol.iterator]: null }]) {
      expect(toSequenceOfDomStrings(value)).toBeNull();
    }
    expect(() => toSequenceOfDomStrings({ [Symbol.iterator]: 5 })).toThrow(TypeError);
    expect(() => toSequenceOfDomStrings([Symbol("s")])).toThrow(TypeError);
  });

  test("an enumeration knows only its own values, in their case", () => {
    const convert = (value: unknown) => toEnumeration(value, ["blob", "arraybuffer"]);
    expect(["blob", "arraybuffer", "Blob", "", null, ["blob"]].map(convert)).toEqual([
      "blob",
      "arraybuffer",
      null,
      null,
      null,
      "blob",
    ]);
  });
});

it("requireArguments() names the operation and how many arguments it needs", () => {
  expect(() => requireArguments(0, 1, "WebSocket.send")).toThrow(
    new TypeError("WebSocket.send needs at least 1 argument, but got 0"),
  );
  expect(() => requireArguments(1, 2, "f")).toThrow(/2 arguments/);
  expect(() => requireArguments(2, 1, "f")).not.toThrow();
});

it("isObject() counts functions as objects, as ECMAScript does", () => {
  expect([{}, [], () => {}].every(isObject)).toBe(true);
  expect([null, undefined, "a", 1, Symbol("s")].some(isObject)).toBe(false);
});
