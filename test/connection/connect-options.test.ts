import { describe, expect, test } from "vitest";
import { resolveConnectOptions } from "../../src/connection/connect-options.ts";
import { argumentError } from "../support/argument-error.ts";

describe("the options of connect()", () => {
  test("the options of connect() are copied, and the copy does not follow later changes", () => {
    const given = { maxPayload: 10 };
    const options = resolveConnectOptions(given, []);
    given.maxPayload = 20;
    expect(options).toEqual({ maxPayload: 10 });
  });

  test.each([
    ["chat", "use protocols, as in connect(url, { protocols })"],
    [["chat"], "use protocols, as in connect(url, { protocols })"],
    [() => {}, "connect() returns a promise and takes no callback"],
  ])("the options of connect() may not be %o, and the error says what to write instead", (given, advice) => {
    expect(() => resolveConnectOptions(given, [])).toThrow(advice);
  });

  test("the options of connect() may not have a name that connect() does not know, and the error has advice for one of the ws library", () => {
    const resolve = () => resolveConnectOptions({ followRedirects: true }, []);
    expect(resolve).toThrow(
      argumentError(TypeError, "OPTION_UNKNOWN", /^"followRedirects" is not an option of connect\(\)/),
    );
    expect(resolve).toThrow("redirects are not followed");
  });

  test("the options of connect() may not have an invalid value, and the error names the option", () => {
    expect(() => resolveConnectOptions({ maxPayload: 0 }, [])).toThrow("maxPayload");
  });

  test("the options of connect() may not be followed by a third argument", () => {
    expect(() => resolveConnectOptions({}, [() => {}])).toThrow("no third argument: it returns a promise");
  });
});
