import { type ArgumentErrorCode, wrongType } from "../arguments/index.ts";

/**
 * Checks that a hook of the application has not returned a promise, which nothing would wait for.
 *
 * @param hook the name of the hook, for the error
 * @throws TypeError with the code for a promise. Its rejection would end the process, so that is ignored: this error is
 *   reported instead.
 */
export function synchronousResult<Result>(
  result: Result,
  hook: string,
  code: ArgumentErrorCode = "OPTION_INVALID",
): Result {
  if (!isPromise(result)) return result;
  result.then(undefined, () => {});
  throw wrongType(code, `${hook} returned a promise, but it may not be asynchronous`);
}

/** Whether a hook is asynchronous. Its promise may be that of another library. */
export function isPromise<Value>(value: Value | PromiseLike<Value>): value is PromiseLike<Value> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
