import { wrongType } from "./argument-error.ts";

/**
 * Checks that no argument follows the last one. A callback there would never be called.
 *
 * @param further the value of a rest parameter; `undefined` counts as absent
 * @param message what arguments the function takes, and what to write instead
 * @throws TypeError ARGUMENT_INVALID with that message
 */
export function rejectFurther(further: readonly unknown[], message: string): void {
  if (further.some((each) => each !== undefined)) throw wrongType("ARGUMENT_INVALID", message);
}
