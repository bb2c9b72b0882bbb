import { type ArgumentError, shown, wrongType } from "../arguments/index.ts";

/** The value of a header field, or several values, each of which is sent on a line of its own. */
export type HeaderValue = string | readonly string[];

/**
 * Header fields that an application adds: an object or a Map of values by name, a list of pairs of name and value, or
 * a `Headers` object. Values are strings; `undefined` and numbers are errors, so that no field is lost unnoticed.
 */
export type ExtraHeaders =
  | Readonly<Record<string, HeaderValue>>
  | Iterable<readonly [name: string, value: HeaderValue]>;

/** The fields of one name. Each value is sent on a line of its own. */
export type HeaderEntry = readonly [name: string, values: readonly string[]];

const FORMS = "an object, a Map, a list of pairs or a Headers object";

/**
 * The fields in their order. `fieldLine()` checks whether a name and a value can be sent.
 *
 * @throws TypeError HEADER_INVALID for header fields in another form, and for a value that is not a string or a list of
 *   strings
 */
export function headerEntries(headers: ExtraHeaders): readonly HeaderEntry[] {
  return entriesOf(headers).map(([name, value]) => entry(name, value));
}

function entriesOf(headers: unknown): (readonly [string, unknown])[] {
  if (typeof headers !== "object" || headers === null) throw notHeaders(headers);
  if (isFetchHeaders(headers)) return fetchEntries(headers);
  if (isIterable(headers)) return [...headers].map(pairOf);
  if (!isPlainObject(headers)) throw notHeaders(headers);
  return Object.entries(headers);
}

function notHeaders(headers: unknown): ArgumentError {
  return wrongType("HEADER_INVALID", `headers must be ${FORMS}, not ${withoutText(headers)}`);
}

/** A `Headers` object of node or of a package. */
interface FetchHeaders extends Iterable<[string, string]> {
  getSetCookie(): readonly string[];
}

function isFetchHeaders(headers: object): headers is FetchHeaders {
  return isIterable(headers) && "getSetCookie" in headers && typeof headers.getSetCookie === "function";
}

/** Some classes join all values of Set-Cookie when they are iterated over. The result cannot be split again. */
function fetchEntries(headers: FetchHeaders): [string, unknown][] {
  const others = [...headers].filter(([name]) => name.toLowerCase() !== "set-cookie");
  return [...others, ["set-cookie", headers.getSetCookie()]];
}

function isIterable(value: object): value is Iterable<unknown> {
  return Symbol.iterator in value && typeof value[Symbol.iterator] === "function";
}

/** Whether the object has no class. A Promise or a Date has no entries and would pass for an empty set of fields. */
function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function pairOf(entry: unknown): readonly [string, unknown] {
  if (Array.isArray(entry) && entry.length === 2) return [entry[0], entry[1]];
  throw wrongType(
    "HEADER_INVALID",
    `each item of a list of headers must be a pair [name, value], not ${withoutText(entry)}`,
  );
}

/** Never quotes a string: it may be a whole field with a password, such as "Authorization: Bearer ...". */
function withoutText(value: unknown): string {
  return typeof value === "string" ? "a string" : shown(value);
}

function entry(name: unknown, value: unknown): HeaderEntry {
  if (typeof name !== "string") {
    throw wrongType("HEADER_INVALID", `the name of a header field must be a string, not ${shown(name)}`);
  }
  const values: unknown[] = Array.isArray(value) ? [...value] : [value];
  const wrong = values.findIndex((each) => typeof each !== "string");
  if (wrong < 0) return [name, values as string[]];
  const message = `the value of the header field ${name} must be a string or a list of strings, not ${shown(values[wrong])}`;
  throw wrongType("HEADER_INVALID", message);
}
