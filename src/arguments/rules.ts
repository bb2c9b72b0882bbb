/** Rules for the values of options. */
import { type ArgumentError, type ArgumentErrorCode, outOfRange, wrongType } from "./argument-error.ts";
import { shown } from "./shown.ts";

/**
 * Checks the value of one option. It is not called for `undefined`.
 *
 * @param name the option's name, for errors
 * @returns the value to use
 * @throws TypeError or RangeError with the code OPTION_INVALID
 */
export type Rule<Value = unknown> = (value: unknown, name: string) => Value;

type AnyFunction = (...args: never[]) => unknown;

/**
 * The error for an option with a value of the wrong type.
 *
 * @param accepted the accepted values, as they follow "must be"
 * @param advice what to write instead
 */
export function invalidOption(name: string, accepted: string, value: unknown, advice = ""): ArgumentError {
  return wrongType("OPTION_INVALID", sentence(name, accepted, value, advice));
}

/** The same for a positional argument. */
export function invalidArgument(name: string, accepted: string, value: unknown, advice = ""): ArgumentError {
  return wrongType("ARGUMENT_INVALID", sentence(name, accepted, value, advice));
}

function sentence(name: string, accepted: string, value: unknown, advice: string): string {
  return `${name} must be ${accepted}, not ${shown(value)}${advice === "" ? "" : `: ${advice}`}`;
}

/** Accepts `true` and `false`. */
export const trueOrFalse: Rule<boolean> = (value, name) => {
  if (typeof value === "boolean") return value;
  throw invalidOption(name, "true or false", value);
};

/** Accepts any function. */
export const aFunction: Rule<AnyFunction> = (value, name) => {
  if (typeof value === "function") return value as AnyFunction;
  throw invalidOption(name, "a function", value);
};

/** Accepts any string but "". */
export const nonEmptyString: Rule<string> = (value, name) => {
  if (typeof value === "string" && value !== "") return value;
  throw invalidOption(name, "a string that is not empty", value);
};

export const abortSignal: Rule<AbortSignal> = (value, name) => {
  if (isAbortSignal(value)) return value;
  throw invalidOption(name, "an AbortSignal", value, value instanceof AbortController ? "use its signal" : "");
};

/** Whether it has the parts of an AbortSignal that are used. That of a polyfill may be of another class. */
function isAbortSignal(value: unknown): value is AbortSignal {
  if (typeof value !== "object" || value === null) return false;
  const { aborted, addEventListener, removeEventListener } = value as Partial<AbortSignal>;
  const isTarget = typeof addEventListener === "function" && typeof removeEventListener === "function";
  return isTarget && typeof aborted === "boolean";
}

/** Accepts each of these strings. */
export function oneOf<const Value extends string>(...values: readonly Value[]): Rule<Value> {
  return (value, name) => {
    const found = values.find((each) => each === value);
    if (found !== undefined) return found;
    throw invalidOption(name, values.map(shown).join(" or "), value);
  };
}

/**
 * Accepts the whole numbers from `lowest` to `highest`.
 *
 * @param code the code of its errors: the rule also serves for positional arguments
 * @throws RangeError for another number, TypeError for anything else
 */
export function wholeNumber(lowest: number, highest: number, code: ArgumentErrorCode = "OPTION_INVALID"): Rule<number> {
  return (value, name) => {
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= lowest && value <= highest) return value;
    const fail = typeof value === "number" ? outOfRange : wrongType;
    throw fail(code, sentence(name, `a whole number from ${lowest} to ${highest}`, value, ""));
  };
}
