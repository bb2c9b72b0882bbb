/** Conversions of JavaScript values as the Web IDL standard defines them. */
import { toUSVString } from "node:util";

/**
 * Checks the number of arguments of an operation.
 *
 * @param operation as errors name it: "WebSocket.send"
 * @throws TypeError if fewer were passed
 */
export function requireArguments(passed: number, required: number, operation: string): void {
  if (passed >= required) return;
  const needed = `${required} argument${required === 1 ? "" : "s"}`;
  throw new TypeError(`${operation} needs at least ${needed}, but got ${passed}`);
}

/** Whether it is an Object in the sense of ECMAScript: functions are objects, too. */
export function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

/** `DOMString`. @throws TypeError for a Symbol, and what a `toString()` throws */
export function toDomString(value: unknown): string {
  // Unlike String(), a template throws for a Symbol, as ToString does.
  return `${value as string}`;
}

/** `USVString`: lone surrogates become U+FFFD. @throws as `toDomString` does */
export function toUsvString(value: unknown): string {
  return toUSVString(toDomString(value));
}

/** `unsigned short`: the integer part, modulo 2^16. @throws TypeError for a Symbol or a BigInt */
export function toUnsignedShort(value: unknown): number {
  const number = Number(toPlainNumber(value));
  if (!Number.isFinite(number)) return 0;
  const remainder = Math.trunc(number) % 65_536;
  return remainder < 0 ? remainder + 65_536 : remainder + 0;
}

/** `[Clamp] unsigned short`: the nearest one, the even one of two that are equally near. @throws as above */
export function toClampedUnsignedShort(value: unknown): number {
  const number = Math.min(Math.max(toPlainNumber(value), 0), 65_535);
  if (Number.isNaN(number)) return 0;
  const floor = Math.floor(number);
  const fraction = number - floor;
  if (fraction === 0.5) return floor + (floor % 2);
  return fraction < 0.5 ? floor : floor + 1;
}

/** ToNumber of ECMAScript. Unlike `Number()`, it rejects a BigInt. */
function toPlainNumber(value: unknown): number {
  return +(value as number);
}

/**
 * `sequence<DOMString>`, if the value has an iterator.
 *
 * @returns `null` for anything that is not an object with a method `Symbol.iterator`
 * @throws TypeError for a `Symbol.iterator` that is not a function, and what the iterator throws
 */
export function toSequenceOfDomStrings(value: unknown): readonly string[] | null {
  if (!isObject(value)) return null;
  const method: unknown = (value as { [Symbol.iterator]?: unknown })[Symbol.iterator];
  if (method === undefined || method === null) return null;
  if (typeof method !== "function")
    throw new TypeError("the property Symbol.iterator of a sequence must be a function");
  const items: string[] = [];
  // The method is read once.
  for (const item of { [Symbol.iterator]: () => method.call(value) as Iterator<unknown> })
    items.push(toDomString(item));
  return items;
}

/**
 * An enumeration as the value of an attribute.
 *
 * @returns `null` for a string that is not one of the values: setting the attribute to it does nothing
 * @throws as `toDomString` does
 */
export function toEnumeration<const Value extends string>(value: unknown, values: readonly Value[]): Value | null {
  const text = toDomString(value);
  return values.find((each) => each === text) ?? null;
}
