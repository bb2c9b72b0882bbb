import { wrongType } from "./argument-error.ts";

/**
 * Checks that nothing follows the last argument. A callback there would never be called.
 *
 * @param further the value of a rest parameter; `undefined` counts as absent
 * @param message the arguments that the function takes, and what to do instead
 * @throws TypeError ARGUMENT_INVALID
 */
export function refuseFurther(further: readonly unknown[], message: string): void {
  if (further.some((each) => each !== undefined)) throw wrongType("ARGUMENT_INVALID", message);
}
