import { type ArgumentError, wrongType } from "./argument-error.ts";
import { nearestName } from "./nearest-name.ts";
import type { Rule } from "./rules.ts";
import { shown } from "./shown.ts";

/** Describes one options object. */
export interface OptionsForm<Rules extends Readonly<Record<string, Rule>>> {
  /** The function or class that takes the options, as errors name it: "connect()". */
  readonly owner: string;
  /** A prefix for the names of options in errors, such as "perMessageDeflate."; none by default. */
  readonly prefix?: string;
  /** A rule for the value of every option. */
  readonly rules: Rules;
  /** Names that users know from elsewhere, and what to write instead. */
  readonly elsewhere?: ReadonlyMap<string, string>;
  /** What to write instead of an argument that is not an options object. */
  readonly instead?: (given: unknown) => string | undefined;
}

/** The options of a form, each checked. */
export type Checked<Rules extends Readonly<Record<string, Rule>>> = {
  readonly [Name in keyof Rules]?: ReturnType<Rules[Name]>;
};

/**
 * Checks an options object, once. The result is a frozen copy that has the options and nothing else, so that nothing
 * can change after the check.
 *
 * It may be of any class or without a prototype; inherited options count. An option that is `undefined` is absent, and
 * so is an unknown name whose value is `undefined`. Symbols, and properties that are not enumerable and not options,
 * are ignored: a class may have methods of its own. The `this` of functions is the original object.
 *
 * @throws TypeError ARGUMENT_INVALID for anything but an object of options, TypeError OPTION_UNKNOWN for a name that
 *   is not an option, TypeError or RangeError OPTION_INVALID for a value that an option cannot have
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
 * Lists, maps, promises and event emitters are not options objects, nor are objects such as a Date, a URL or an
 * AbortSignal.
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

/** The first enumerable name, own or inherited, that has a value and is not an option. */
function unknownNameIn(given: Readonly<Record<string, unknown>>, rules: object): string | undefined {
  for (let at: object | null = given; at !== null && !isObjectPrototype(at); at = Object.getPrototypeOf(at)) {
    for (const name of Object.keys(at)) {
      if (!Object.hasOwn(rules, name) && given[name] !== undefined) return name;
    }
  }
  return undefined;
}

/** Whether it is the `Object.prototype` of this realm or of another one: every object inherits its members. */
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
