import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { aFunction, readOptions, trueOrFalse, wholeNumber } from "../../src/arguments/index.ts";
import { argumentError } from "../support/argument-error.ts";

const FORM = {
  owner: "a test",
  rules: { size: wholeNumber(0, 10), isOpen: trueOrFalse, check: aFunction },
  elsewhere: new Map([
    ["length", "use size"],
    ["verify", "use check"],
  ]),
  instead: (given: unknown) => (given === 5 ? "use { size }" : undefined),
};
const read = (given: unknown) => readOptions(given, FORM);

describe("the options object", () => {
  test.each<[string, unknown, string]>([
    ["undefined", undefined, "undefined"],
    ["null", null, "null"],
    ["a string", "size", '"size"'],
    ["a number", 5, "5: use { size }"],
    ["true", true, "true"],
    ["a function", () => {}, "a function"],
    ["a list", [], "an array"],
    ["a list of another realm", runInNewContext("[]"), "an array"],
    ["a Map", new Map([["size", 5]]), "a Map object"],
    ["bytes", Buffer.alloc(1), "a Buffer object"],
    ["a promise", Promise.resolve({ size: 5 }), "a Promise object"],
    ["a Date", new Date(), "a Date object"],
    ["a URL", new URL("ws://host"), "a URL object"],
    ["an AbortSignal", new AbortController().signal, "an AbortSignal object"],
    ["Headers", new Headers(), "a Headers object"],
  ])("readOptions() throws for an options object that is %s", (_, given, shown) => {
    const message = `the options of a test must be an object, not ${shown}`;
    expect(() => read(given)).toThrow(argumentError(TypeError, "ARGUMENT_INVALID", message));
  });

  test("an options object may be of a class, without a prototype, of another realm, a module or a Proxy, and may inherit", () => {
    class Options {
      size = 5;
      /** A method is not an option. */
      other(): void {}
    }
    const options = [
      { size: 5 },
      new Options(),
      Object.assign(Object.create(null), { size: 5 }),
      Object.create({ size: 5 }),
      Object.create(Object.assign(Object.create(null), { size: 5 })),
      runInNewContext("({ size: 5 })"),
      Object.create(null, { size: { value: 5 }, [Symbol.toStringTag]: { value: "Module" } }),
      new Proxy({ size: 5 }, {}),
    ];
    for (const each of options) expect(read(each)).toEqual({ size: 5 });
  });

  test("each option is read once, and the result is frozen", () => {
    const size = vi.fn(() => 5);
    const options = read(Object.defineProperty({}, "size", { get: size, enumerable: true }));
    expect(size).toHaveBeenCalledTimes(1);
    expect(Object.isFrozen(options)).toBe(true);
    expect(options.size).toBe(5);
  });

  test("the functions of an options object are bound to it", () => {
    class Options {
      readonly #answer = 42;
      check(): number {
        return this.#answer;
      }
    }
    const { check } = read(new Options());
    expect(check?.()).toBe(42);
  });
});

describe("an option", () => {
  test("an option that is undefined is absent, also an unknown one", () => {
    expect(read({ size: undefined, length: undefined, other: undefined })).toEqual({});
  });

  test.each([
    [{ size: 11 }, RangeError, "size must be a whole number from 0 to 10, not 11"],
    [{ size: 1.5 }, RangeError, "size must be a whole number from 0 to 10, not 1.5"],
    [{ size: "5" }, TypeError, 'size must be a whole number from 0 to 10, not "5"'],
    [{ size: null }, TypeError, "size must be a whole number from 0 to 10, not null"],
    [{ isOpen: "yes" }, TypeError, 'isOpen must be true or false, not "yes"'],
    [{ isOpen: 0 }, TypeError, "isOpen must be true or false, not 0"],
    [{ check: {} }, TypeError, "check must be a function, not an object"],
  ])("the error for %o says what is accepted and what was given", (given, type, message) => {
    expect(() => read(given)).toThrow(argumentError(type, "OPTION_INVALID", message));
  });

  test("the error for an option names it with its prefix", () => {
    expect(() => readOptions({ size: -1 }, { ...FORM, prefix: "outer." })).toThrow(/^outer\.size must be/);
  });
});

describe("an unknown name", () => {
  test.each([
    ["siez", '"siez" is not an option of a test: did you mean "size"?'],
    ["is_open", '"is_open" is not an option of a test: did you mean "isOpen"?'],
    ["length", '"length" is not an option of a test: use size'],
    ["lenght", '"lenght" is not an option of a test: use size'],
    ["foo", '"foo" is not an option of a test: the options are size, isOpen, check'],
    ["toString", '"toString" is not an option of a test: the options are size, isOpen, check'],
    ["a\nb", '"a\\nb" is not an option of a test: the options are size, isOpen, check'],
    ["__proto__", '"__proto__" is not an option of a test: the options are size, isOpen, check'],
  ])("the error for the unknown name %j says what was meant", (name, message) => {
    const given = Object.defineProperty({ size: 5 }, name, { value: 1, enumerable: true });
    expect(() => read(given)).toThrow(argumentError(TypeError, "OPTION_UNKNOWN", message));
  });

  test("an unknown name throws before any value is checked", () => {
    expect(() => read({ size: "wrong", foo: 1 })).toThrow(argumentError(TypeError, "OPTION_UNKNOWN", /^"foo"/));
  });

  test("an unknown name throws even if it is inherited, or its value is null or false", () => {
    for (const given of [Object.create({ foo: 1 }), { foo: null }, { foo: false }]) {
      expect(() => read(given)).toThrow(argumentError(TypeError, "OPTION_UNKNOWN", /^"foo"/));
    }
  });

  test("an unknown name is ignored if it is a symbol, not enumerable, or in Object.prototype", () => {
    const given = Object.defineProperty({ size: 5, [Symbol("foo")]: 1 }, "hidden", { value: 1 });
    const polluted = { value: 1, enumerable: true, configurable: true, writable: true };
    let options: object = {};
    try {
      Object.defineProperty(Object.prototype, "polluted", polluted);
      options = read(given);
    } finally {
      Reflect.deleteProperty(Object.prototype, "polluted");
    }
    expect(options).toEqual({ size: 5 });
  });

  test("any unknown name with any value throws", () => {
    fc.assert(
      fc.property(fc.string(), fc.anything(), (name, value) => {
        const given = Object.defineProperty({}, name, { value, enumerable: true });
        const isKnown = Object.hasOwn(FORM.rules, name);
        if (isKnown || value === undefined || ["then"].includes(name)) return;
        expect(() => read(given)).toThrow(argumentError(TypeError, "OPTION_UNKNOWN", /is not an option of a test/));
      }),
    );
  });
});
