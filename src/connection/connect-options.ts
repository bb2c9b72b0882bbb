import { type OptionsForm, readOptions, rejectFurther } from "../arguments/index.ts";
import { OPENING_RULES, type OpeningOptions } from "../node/opening-options.ts";
import { FOREIGN_TO_CONNECT } from "./foreign-options.ts";

/** Options of `connect()`. */
export interface ConnectOptions extends OpeningOptions {}

const FORM = {
  owner: "connect()",
  rules: OPENING_RULES,
  elsewhere: FOREIGN_TO_CONNECT,
  instead: (given) => {
    if (typeof given === "string" || Array.isArray(given)) return "use protocols, as in connect(url, { protocols })";
    return typeof given === "function" ? "connect() returns a promise and takes no callback" : undefined;
  },
} satisfies OptionsForm<typeof OPENING_RULES>;

/**
 * Checks the arguments of `connect()` after the URL.
 *
 * @returns a copy that cannot change any more
 * @throws TypeError or RangeError naming the option that is not valid or not known
 */
export function resolveConnectOptions(given: unknown, further: readonly unknown[]): ConnectOptions {
  const options = readOptions(given, FORM);
  rejectFurther(further, "connect() takes a URL and one object of options, no third argument: it returns a promise");
  return options;
}
