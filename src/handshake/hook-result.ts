import { type ArgumentErrorCode, wrongType } from "../arguments/index.ts";

/**
 * Checks that a hook of the application has not returned a promise, which nothing would wait for.
 *
 * @param hook the name of the hook in the error
 * @throws TypeError with `code` for a promise. This error replaces a rejection of the promise, which would otherwise end
 *   the process.
 */
export function synchronousResult<Result>(
  result: Result,
  hook: string,
  code: ArgumentErrorCode = "OPTION_INVALID",
): Result {
  if (!isPromise(result)) return result;
  result.then(ignore, ignore);
  throw wrongType(code, `${hook} returned a promise, but it may not be asynchronous`);
}

function ignore(): void {}

/** Whether the result of a hook is a promise, of this realm or of a library. */
export function isPromise<Value>(value: Value | PromiseLike<Value>): value is PromiseLike<Value> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
