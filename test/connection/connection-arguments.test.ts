import { describe, expect, test } from "vitest";
import {
  checkCloseArguments,
  checkControlArguments,
  madeByApplication,
  NO_OPTIONS,
  prepareOptions,
  sendOptions,
} from "../../src/connection/connection-arguments.ts";
import { argumentError } from "../support/argument-error.ts";

describe("the options of send()", () => {
  test.each([
    [{}, {}],
    [{ compress: undefined }, {}],
    [{ compress: true }, { compress: true }],
    [{ compress: false }, { compress: false }],
  ])("the options of send() %j are read as %j, which cannot change any more", (given, expected) => {
    const options = sendOptions(given, undefined);
    expect(options).toEqual(expected);
    expect(Object.isFrozen(options)).toBe(true);
  });

  test("the options of send() without a compress are the same object for all messages", () => {
    expect(sendOptions({}, undefined)).toBe(NO_OPTIONS);
    expect(sendOptions({ compress: true }, undefined)).toBe(sendOptions({ compress: true }, undefined));
  });

  test("the options of send() may come from a class, whose accessor is read once and at once", () => {
    let reads = 0;
    class Options {
      get compress(): boolean {
        reads++;
        return true;
      }
    }
    expect(sendOptions(new Options(), undefined)).toEqual({ compress: true });
    expect(reads).toBe(1);
  });

  test.each([
    [{ compress: 1 }, "compress must be true or false"],
    [{ compres: true }, 'did you mean "compress"?'],
    [{ binary: true }, "a string is sent as text, bytes are sent as binary"],
    [{ mask: false }, "a client always masks, a server never does"],
    [{ fin: false }, "every call sends a whole message"],
    [true, "use { compress }"],
    [() => {}, "send() takes no callback"],
    [null, "must be an object, not null"],
  ])("the options of send() may not be %o, and the error says what was wrong", (given, message) => {
    expect(() => sendOptions(given, undefined)).toThrow(TypeError);
    expect(() => sendOptions(given, undefined)).toThrow(message);
  });

  test("the options of send() may not be followed by a callback", () => {
    expect(() => sendOptions({}, () => {})).toThrow(
      argumentError(TypeError, "ARGUMENT_INVALID", /^send\(\) takes no callback/),
    );
  });
});

describe("the options of prepare()", () => {
  test("the options of prepare() are a copy", () => {
    const given = { compress: true };
    const options = prepareOptions(given, []);
    given.compress = false;
    expect(options).toEqual({ compress: true });
  });

  test("the options of prepare() may be neither a callback nor followed by one", () => {
    expect(() => prepareOptions(() => {}, [])).toThrow("prepare() returns at once, and takes no callback");
    expect(() => prepareOptions({}, [() => {}])).toThrow("prepare() returns at once, and takes no callback");
  });
});

test.each(["ping", "pong"] as const)(
  "an argument of %s() after the payload is an error that names the method",
  (method) => {
    expect(checkControlArguments(method, [])).toBeUndefined();
    expect(() => checkControlArguments(method, [true])).toThrow(`${method}() takes only a payload`);
  },
);

test("an argument of close() after the reason is an error", () => {
  expect(checkCloseArguments([])).toBeUndefined();
  expect(() => checkCloseArguments([() => {}])).toThrow("close() takes only a code and a reason");
});

test("the error of new Connection() says what makes connections", () => {
  expect(madeByApplication()).toMatchObject({ code: "ARGUMENT_INVALID" });
  expect(madeByApplication().message).toContain("connect() and WebSocketServer make them");
});
