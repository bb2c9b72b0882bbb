import { expect, test } from "vitest";
import { runGuarded, throwLater } from "../src/uncaught.ts";
import { turn } from "./support/connection-harness.ts";
import { watchUncaught } from "./support/uncaught.ts";

test("throwLater() makes an error an uncaught exception once the current work is done, and not before", async () => {
  const uncaught = watchUncaught();
  const error = new Error("later");
  throwLater(error);
  expect(uncaught).toEqual([]);
  await turn();
  expect(uncaught).toEqual([error]);
});

test("runGuarded() runs code at once", () => {
  let isDone = false;
  runGuarded(() => {
    isDone = true;
  });
  expect(isDone).toBe(true);
});

test("runGuarded() goes on after an exception, which is uncaught later", async () => {
  const uncaught = watchUncaught();
  const error = new Error("thrown");
  expect(() =>
    runGuarded(() => {
      throw error;
    }),
  ).not.toThrow();
  expect(uncaught).toEqual([]);
  await turn();
  expect(uncaught).toEqual([error]);
});

test("each of several exceptions is uncaught, in their order", async () => {
  const uncaught = watchUncaught();
  for (const text of ["first", "second"]) throwLater(text);
  await turn();
  expect(uncaught).toEqual(["first", "second"]);
});
