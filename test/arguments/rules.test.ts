import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  aFunction,
  invalidArgument,
  invalidOption,
  nonEmptyString,
  oneOf,
  type Rule,
  trueOrFalse,
  wholeNumber,
} from "../../src/arguments/rules.ts";
import { argumentError } from "../support/argument-error.ts";

const invalid = (message: string) => argumentError(TypeError, "OPTION_INVALID", message);

describe("invalidOption and invalidArgument", () => {
  test("the error names the option, what is accepted, what was given, and what to write instead", () => {
    expect(invalidOption("size", "a number", "5")).toEqual(invalid('size must be a number, not "5"'));
    expect(invalidOption("size", "a number", "5", "use 5")).toEqual(invalid('size must be a number, not "5": use 5'));
  });

  test("the error for a positional argument has the code ARGUMENT_INVALID", () => {
    expect(invalidArgument("code", "a number", null, "leave it out")).toEqual(
      argumentError(TypeError, "ARGUMENT_INVALID", "code must be a number, not null: leave it out"),
    );
  });
});

const check = () => {};

test.each<[string, Rule, readonly unknown[]]>([
  ["trueOrFalse", trueOrFalse, [true, false]],
  ["aFunction", aFunction, [check]],
  ["nonEmptyString", nonEmptyString, ["a", "b", "c", " "]],
  ["oneOf", oneOf("a", "b"), ["a", "b"]],
  ["wholeNumber", wholeNumber(-1, 2), [-1, 0, 1, 2]],
])("%s returns exactly the accepted values", (_, rule, accepted) => {
  const given = [true, false, null, -2, -1, 0, 1, 2, 3, 1.5, Number.NaN, "", " ", "a", "b", "c", {}, [], check, 1n];
  const returned = given.filter((value) => {
    try {
      expect(rule(value, "option")).toBe(value);
      return true;
    } catch (error) {
      expect(error).toMatchObject({
        code: "OPTION_INVALID",
        message: expect.stringMatching(/^option must be .+, not /),
      });
      return false;
    }
  });
  expect(new Set(returned)).toEqual(new Set(accepted));
});

describe("wholeNumber", () => {
  test("the error is a RangeError for a number and a TypeError for any other type", () => {
    const rule = wholeNumber(1, 10);
    const message = (given: string) => `size must be a whole number from 1 to 10, not ${given}`;
    expect(() => rule(11, "size")).toThrow(argumentError(RangeError, "OPTION_INVALID", message("11")));
    expect(() => rule("5", "size")).toThrow(argumentError(TypeError, "OPTION_INVALID", message('"5"')));
  });

  test("the code of the error can be that of an argument", () => {
    const message = "size must be a whole number from 1 to 10, not 0";
    expect(() => wholeNumber(1, 10, "ARGUMENT_INVALID")(0, "size")).toThrow(
      argumentError(RangeError, "ARGUMENT_INVALID", message),
    );
  });

  test("exactly the safe integers between the bounds are accepted", () => {
    const numbers = fc.oneof(fc.integer(), fc.double(), fc.maxSafeInteger());
    fc.assert(
      fc.property(numbers, numbers, numbers, (value, one, other) => {
        const [lowest, highest] = [Math.min(one, other), Math.max(one, other)];
        let isAccepted = true;
        try {
          wholeNumber(lowest, highest)(value, "size");
        } catch {
          isAccepted = false;
        }
        expect(isAccepted).toBe(Number.isSafeInteger(value) && value >= lowest && value <= highest);
      }),
    );
  });
});

test("the error of oneOf() lists the accepted strings", () => {
  expect(() => oneOf("a", "b")("c", "mode")).toThrow(invalid('mode must be "a" or "b", not "c"'));
});
