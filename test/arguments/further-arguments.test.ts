import { expect, test } from "vitest";
import { rejectFurther } from "../../src/arguments/further-arguments.ts";
import { argumentError } from "../support/argument-error.ts";

const error = argumentError(TypeError, "ARGUMENT_INVALID", "f() takes one argument");

test.each([[[() => {}]], [[null]], [[false]], [[undefined, 0]]])("the further arguments %o throw", (further) => {
  expect(() => rejectFurther(further, "f() takes one argument")).toThrow(error);
});

test.each([[[]], [[undefined]], [[undefined, undefined]]])("the further arguments %o count as absent", (further) => {
  expect(() => rejectFurther(further, "f() takes one argument")).not.toThrow();
});
