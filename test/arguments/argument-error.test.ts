import { expect, test } from "vitest";
import { outOfRange, wrongType } from "../../src/arguments/argument-error.ts";

test("wrongType() makes a TypeError with the code and the message", () => {
  const error = wrongType("OPTION_UNKNOWN", "a message");
  expect(error).toBeInstanceOf(TypeError);
  expect(error).toMatchObject({ name: "TypeError", code: "OPTION_UNKNOWN", message: "a message" });
});

test("wrongType() keeps a cause", () => {
  const cause = new Error("inner");
  expect(wrongType("OPTION_INVALID", "a message", { cause }).cause).toBe(cause);
  expect(wrongType("OPTION_INVALID", "a message")).not.toHaveProperty("cause");
});

test("outOfRange() makes a RangeError with the code and the message", () => {
  const error = outOfRange("ARGUMENT_INVALID", "a message");
  expect(error).toBeInstanceOf(RangeError);
  expect(error).toMatchObject({ name: "RangeError", code: "ARGUMENT_INVALID", message: "a message" });
});
