import { expect } from "vitest";
import type { ArgumentErrorCode } from "../../src/arguments/index.ts";

/**
 * Matches an error about an argument or an option: its class, its code and its message.
 *
 * @param message the whole message, or a part of it as a pattern
 */
export function argumentError(
  type: typeof TypeError | typeof RangeError,
  code: ArgumentErrorCode,
  message: string | RegExp,
): Error {
  return expect.objectContaining({
    constructor: type,
    code,
    message: typeof message === "string" ? message : expect.stringMatching(message),
  });
}
