/**
 * What is wrong with a call:
 *
 * - `OPTION_UNKNOWN`: an options object has a name that is not an option
 * - `OPTION_INVALID`: an option has an invalid value, or cannot be combined with another option
 * - `ARGUMENT_INVALID`: an argument is of the wrong type or out of range, or there is one too many
 * - `HEADER_INVALID`: header fields are in an unknown form, or one of them cannot be sent
 */
export type ArgumentErrorCode = "OPTION_UNKNOWN" | "OPTION_INVALID" | "ARGUMENT_INVALID" | "HEADER_INVALID";

/** The error of a wrong call, which depends on nothing that the peer does. The call has no effect. */
export type ArgumentError = (TypeError | RangeError) & {
  /** A name to compare with, stable across releases. */
  readonly code: ArgumentErrorCode;
};

/** For an unknown name, or a value of the wrong type. */
export function wrongType(code: ArgumentErrorCode, message: string, options?: ErrorOptions): ArgumentError {
  return Object.assign(new TypeError(message, options), { code });
}

/** For a value of the right type that is out of range. */
export function outOfRange(code: ArgumentErrorCode, message: string): ArgumentError {
  return Object.assign(new RangeError(message), { code });
}
