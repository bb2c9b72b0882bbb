import { type ArgumentError, wrongType } from "./argument-error.ts";
import { nearestName } from "./nearest-name.ts";
import type { Rule } from "./rules.ts";
import { shown } from "./shown.ts";

/** The form of one options object. */
export interface OptionsForm<Rules extends Readonly<Record<string, Rule>>> {
  /** The name of the function or class that takes the options, for errors: "connect()". */
  readonly owner: string;
  /** A prefix for the names of options in errors, such as "perMessageDeflate.". Default: none. */
  readonly prefix?: string;
  /** The rule for the value of each option. */
  readonly rules: Rules;
  /** Names of options in other libraries, and what to write instead. */
  readonly elsewhere?: ReadonlyMap<string, string>;
  /** Says what to write instead of an argument that is not an options object. */
  readonly instead?: (given: unknown) => string | undefined;
}

/** The options of a form, each checked. */
export type Checked<Rules extends Readonly<Record<string, Rule>>> = {
  readonly [Name in keyof Rules]?: ReturnType<Rules[Name]>;
};

/**
 * Checks an options object and reads each option once. Later changes of the object have no effect on the result.
 *
 * The object may be of any class or have no prototype; inherited options count. A name with the value `undefined` is
 * absent, even if it is unknown. Symbols are ignored, and so are properties that are neither options nor enumerable: a
 * class may have other methods. Functions are bound to the object.
 *
 * @returns a frozen copy that has the options and nothing else
 * @throws TypeError ARGUMENT_INVALID if it is not an options object, TypeError OPTION_UNKNOWN for a name that is not an
 *   option, TypeError or RangeError OPTION_INVALID for an invalid value
 */
export function readOptions<Rules extends Readonly<Record<string, Rule>>>(
  given: unknown,
  form: OptionsForm<Rules>,
): Checked<Rules> {
  if (!isOptionsObject(given, form)) throw notOptions(given, form);
  const unknown = unknownNameIn(given, form.rules);
  if (unknown !== undefined) throw unknownOption(unknown, form);
  const checked: Record<string, unknown> = {};
  for (const name of Object.keys(form.rules)) {
    const value = given[name];
    if (value === undefined) continue;
    const option = form.rules[name]?.(value, `${form.prefix ?? ""}${name}`);
    checked[name] = typeof option === "function" ? option.bind(given) : option;
  }
  return Object.freeze(checked) as Checked<Rules>;
}

/**
 * Arrays, maps, promises and event emitters are not options objects, nor are built-in objects such as a Date or a URL.
 */
function isOptionsObject(
  given: unknown,
  { rules }: OptionsForm<Readonly<Record<string, Rule>>>,
): given is Readonly<Record<string, unknown>> {
  if (typeof given !== "object" || given === null) return false;
  if (Symbol.iterator in given || Symbol.asyncIterator in given || "then" in given || "emit" in given) return false;
  const isPlain = Object.prototype.toString.call(given) === "[object Object]";
  return isPlain || Object.keys(rules).some((name) => Object.hasOwn(given, name));
}

function notOptions(given: unknown, { owner, instead }: OptionsForm<Readonly<Record<string, Rule>>>): ArgumentError {
  const advice = instead?.(given);
  const sentence = `the options of ${owner} must be an object, not ${shown(given)}`;
  return wrongType("ARGUMENT_INVALID", advice === undefined ? sentence : `${sentence}: ${advice}`);
}

/** The first enumerable name, own or inherited, that has a value other than `undefined` and is not an option. */
function unknownNameIn(given: Readonly<Record<string, unknown>>, rules: object): string | undefined {
  for (let at: object | null = given; at !== null && !isObjectPrototype(at); at = Object.getPrototypeOf(at)) {
    for (const name of Object.keys(at)) {
      if (!Object.hasOwn(rules, name) && given[name] !== undefined) return name;
    }
  }
  return undefined;
}

/** Whether the value is the `Object.prototype` of any realm. Every object inherits its members. */
function isObjectPrototype(value: object): boolean {
  return Object.getPrototypeOf(value) === null && Object.hasOwn(value, "isPrototypeOf");
}

function unknownOption(
  name: string,
  { owner, rules, elsewhere = new Map() }: OptionsForm<Readonly<Record<string, Rule>>>,
): ArgumentError {
  const options = Object.keys(rules);
  const nearest = elsewhere.has(name) ? name : nearestName(name, [...options, ...elsewhere.keys()]);
  const list = options.length > 1 ? `the options are ${options.join(", ")}` : `the only option is ${options[0]}`;
  const suggestion = nearest === undefined ? list : `did you mean ${shown(nearest)}?`;
  const advice = elsewhere.get(nearest ?? "") ?? suggestion;
  return wrongType("OPTION_UNKNOWN", `${shown(name)} is not an option of ${owner}: ${advice}`);
}
