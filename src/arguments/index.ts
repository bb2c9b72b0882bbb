/** Checks of the options objects and arguments that a caller passes. */
export { type ArgumentError, type ArgumentErrorCode, outOfRange, wrongType } from "./argument-error.ts";
export { rejectFurther } from "./further-arguments.ts";
export { type Checked, type OptionsForm, readOptions } from "./options.ts";
export {
  abortSignal,
  aFunction,
  invalidArgument,
  invalidOption,
  nonEmptyString,
  oneOf,
  type Rule,
  trueOrFalse,
  wholeNumber,
} from "./rules.ts";
export { shown } from "./shown.ts";
