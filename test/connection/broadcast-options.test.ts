import { describe, expect, test } from "vitest";
import { exceptedFrom } from "../../src/connection/broadcast-options.ts";
import { argumentError } from "../support/argument-error.ts";
import { open } from "../support/connection-harness.ts";

const two = () => [open().connection, open().connection] as const;

describe("the option except of server.broadcast()", () => {
  test("the option except of server.broadcast() is undefined if it is absent", () => {
    expect(exceptedFrom({}, [])).toBeUndefined();
    expect(exceptedFrom({ except: undefined }, [])).toBeUndefined();
  });

  test("the option except of server.broadcast() may be one connection, a list, a Set or any other iterable of connections", () => {
    const [one, other] = two();
    const both = new Set([one, other]);
    expect(exceptedFrom({ except: one }, [])).toEqual(new Set([one]));
    expect(exceptedFrom({ except: [one, other] }, [])).toEqual(both);
    expect(exceptedFrom({ except: both.values() }, [])).toEqual(both);
    expect(exceptedFrom({ except: both }, []), "a Set is not copied").toBe(both);
  });

  test.each([5, "all", {}, null, () => {}])("the option except of server.broadcast() may not be %o", (except) => {
    expect(() => exceptedFrom({ except: except as never }, [])).toThrow(
      argumentError(TypeError, "OPTION_INVALID", /^except must be a connection, or any number of them/),
    );
  });

  test("the option except of server.broadcast() may not have a member that is not a connection", () => {
    const [one] = two();
    expect(() => exceptedFrom({ except: [one, {} as never] }, [])).toThrow("each of except must be a connection");
  });
});

describe("the options of server.broadcast()", () => {
  test("the options of server.broadcast() may not be a connection, a list or a Set, and the error says to use except", () => {
    const [one] = two();
    for (const given of [one, [one], new Set([one])]) {
      expect(() => exceptedFrom(given as never, [])).toThrow("use { except }");
    }
  });

  test("the options of server.broadcast() may not be a callback, and may not be followed by one", () => {
    const message = "it takes no callback, since it returns at once";
    expect(() => exceptedFrom((() => {}) as never, [])).toThrow(message);
    expect(() => exceptedFrom({}, [() => {}])).toThrow(message);
  });

  test.each(["compress", "binary"])(
    "the options of server.broadcast() may not have %s, and the error has advice",
    (name) => {
      expect(() => exceptedFrom({ [name]: true }, [])).toThrow(
        argumentError(TypeError, "OPTION_UNKNOWN", new RegExp(`^"${name}" is not an option of server.broadcast`)),
      );
    },
  );
});
