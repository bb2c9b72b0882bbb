import { inspect } from "node:util";
import { expect, test } from "vitest";
import { KeySet } from "../../src/endpoint/key-set.ts";

const setOf = (...keys: string[]) => new KeySet(new Map(keys.map((key) => [key, key.length])));

test("a set of keys shows the keys of its map as they are now, in their order", () => {
  const map = new Map([["a", 1]]);
  const keys: ReadonlySet<string> = new KeySet(map);
  map.set("b", 2);
  expect([keys.size, keys.has("b"), keys.has("c")]).toEqual([2, true, false]);
  expect([[...keys], [...keys.keys()], [...keys.values()]]).toEqual([
    ["a", "b"],
    ["a", "b"],
    ["a", "b"],
  ]);
  expect([...keys.entries()]).toEqual([
    ["a", "a"],
    ["b", "b"],
  ]);
  const visited: unknown[] = [];
  keys.forEach(function visit(this: unknown, value, key, set) {
    visited.push([this, value, key, set === keys]);
  }, "this");
  expect(visited).toEqual([
    ["this", "a", "a", true],
    ["this", "b", "b", true],
  ]);
});

test("a set of keys cannot be changed, and does not change the map", () => {
  const keys = setOf("a");
  for (const method of ["add", "delete", "clear"]) expect(keys).not.toHaveProperty(method);
});

test("console.log shows a set of keys as a set", () => {
  expect(inspect(setOf("a", "b"))).toBe("Set(2) { 'a', 'b' }");
  expect(Object.prototype.toString.call(setOf())).toBe("[object Set]");
});

test.each([
  ["union", ["a", "b", "c"]],
  ["intersection", ["b"]],
  ["difference", ["a"]],
  ["symmetricDifference", ["a", "c"]],
  ["isSubsetOf", false],
  ["isSupersetOf", false],
  ["isDisjointFrom", false],
])("%s() of a set of keys exists if the platform's sets have it, with the same result", (name, expected) => {
  const method: unknown = Reflect.get(setOf("a", "b"), name);
  if (!(name in Set.prototype)) {
    expect(method).toBeUndefined();
    return;
  }
  const result: unknown = Reflect.apply(method as () => unknown, setOf("a", "b"), [new Set(["b", "c"])]);
  expect(result instanceof Set ? [...result] : result).toEqual(expected);
});
