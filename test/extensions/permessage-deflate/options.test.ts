import { describe, expect, test } from "vitest";
import {
  type PerMessageDeflateOptions,
  resolveDeflateOptions,
} from "../../../src/extensions/permessage-deflate/options.ts";
import { argumentError } from "../../support/argument-error.ts";

const resolved = (options: object) => resolveDeflateOptions(options as PerMessageDeflateOptions);

describe("the options of permessage-deflate", () => {
  test("the defaults are level 1, a threshold of 128 bytes, and windows of 2^15 bytes with context takeover", () => {
    expect(resolved({})).toEqual({
      threshold: 128,
      level: 1,
      memLevel: 8,
      serverNoContextTakeover: false,
      clientNoContextTakeover: false,
      serverMaxWindowBits: 15,
      clientMaxWindowBits: 15,
      offersClientWindow: true,
      fallback: false,
    });
  });

  test("clientMaxWindowBits: false keeps the largest window and does not offer a smaller one", () => {
    expect(resolved({ clientMaxWindowBits: false })).toMatchObject({
      clientMaxWindowBits: 15,
      offersClientWindow: false,
    });
    expect(resolved({ clientMaxWindowBits: 9 })).toMatchObject({ clientMaxWindowBits: 9, offersClientWindow: true });
  });

  test("the settings are frozen", () => {
    expect(Object.isFrozen(resolved({}))).toBe(true);
  });

  test.each([
    [{ threshold: 0 }, { threshold: Number.MAX_SAFE_INTEGER }],
    [{ level: 0 }, { level: 9 }],
    [{ memLevel: 1 }, { memLevel: 9 }],
    [{ serverMaxWindowBits: 8 }, { serverMaxWindowBits: 15 }],
    [{ clientMaxWindowBits: 8 }, { clientMaxWindowBits: 15 }],
  ])("the bounds %j and %j are accepted", (lowest, highest) => {
    expect(resolved(lowest)).toMatchObject(lowest);
    expect(resolved(highest)).toMatchObject(highest);
  });

  test.each([
    [{ threshold: -1 }, RangeError, "perMessageDeflate.threshold must be a whole number from 0"],
    [{ level: 10 }, RangeError, "perMessageDeflate.level must be a whole number from 0 to 9, not 10"],
    [{ memLevel: 0 }, RangeError, "perMessageDeflate.memLevel must be a whole number from 1 to 9, not 0"],
    [
      { serverMaxWindowBits: 7 },
      RangeError,
      "perMessageDeflate.serverMaxWindowBits must be a whole number from 8 to 15, not 7",
    ],
    [
      { clientMaxWindowBits: 16 },
      RangeError,
      "perMessageDeflate.clientMaxWindowBits must be a whole number from 8 to 15, not 16",
    ],
    [
      { clientMaxWindowBits: true },
      TypeError,
      "perMessageDeflate.clientMaxWindowBits must be a whole number from 8 to 15, not true",
    ],
    [
      { serverNoContextTakeover: 1 },
      TypeError,
      "perMessageDeflate.serverNoContextTakeover must be true or false, not 1",
    ],
    [{ fallback: "yes" }, TypeError, 'perMessageDeflate.fallback must be true or false, not "yes"'],
  ])("%j throws an error that names the option and what it accepts", (options, type, message) => {
    expect(() => resolved(options)).toThrow(argumentError(type, "OPTION_INVALID", new RegExp(`^${message}`)));
  });

  test.each([
    [{ zlibDeflateOptions: {} }, '"zlibDeflateOptions" is not an option of perMessageDeflate: use level and memLevel'],
    [{ concurrencyLimit: 10 }, '"concurrencyLimit" is not an option of perMessageDeflate: use limitDeflateContexts()'],
    [{ treshold: 10 }, '"treshold" is not an option of perMessageDeflate: did you mean "threshold"?'],
  ])("%j throws an error that says what to write instead", (options, message) => {
    expect(() => resolved(options)).toThrow(message);
  });
});
