import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { shown } from "../../src/arguments/index.ts";

test.each<[unknown, string]>([
  ["a", '"a"'],
  ['"\n', '"\\"\\n"'],
  ["x".repeat(101), `"${"x".repeat(100)}..."`],
  [5, "5"],
  [Number.NaN, "NaN"],
  [10n, "10n"],
  [true, "true"],
  [undefined, "undefined"],
  [null, "null"],
  [Symbol("s"), "Symbol(s)"],
  [() => {}, "a function"],
  [class A {}, "a function"],
  [[1, 2], "an array"],
  [runInNewContext("[1]"), "an array"],
  [{ secret: "x" }, "an object"],
  [Object.create(null), "an object"],
  [new Map(), "a Map object"],
  [new Error("x"), "an Error object"],
  [new URL("ws://user:password@host"), "a URL object"],
  [{ constructor: { name: 5 } }, "an object"],
  [{ constructor: null }, "an object"],
  [{ constructor: { name: "no\nname" } }, "an object"],
])("shown() formats %o as %s", (value, text) => {
  expect(shown(value)).toBe(text);
});

test("shown() formats an object that throws when it is read", () => {
  const get = () => {
    throw new Error("do not look");
  };
  expect(shown(new Proxy({}, { get }))).toBe("an object");
});
