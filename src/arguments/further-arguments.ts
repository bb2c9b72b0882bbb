import { wrongType } from "./argument-error.ts";

/**
 * Checks that nothing stands behind the last argument, such as a callback: nobody would call it.
 *
 * @param further what a rest parameter has taken; `undefined` is nothing
 * @param message what the function takes, and what to do instead
 * @throws TypeError ARGUMENT_INVALID
 */
export function refuseFurther(further: readonly unknown[], message: string): void {
  if (further.some((each) => each !== undefined)) throw wrongType("ARGUMENT_INVALID", message);
}
