import { describe, expect, test } from "vitest";
import { type Extension, permessageDeflate } from "../../src/extensions/index.ts";
import { EXTENSION_RULES, resolveExtensions } from "../../src/node/extension-options.ts";
import { argumentError } from "../support/argument-error.ts";

const extension = (name: string, rsv: Extension["rsv"] = 0): Extension => ({
  name,
  rsv,
  offers: () => [[]],
  answer: () => null,
  agree: () => "no",
});

const names = (extensions: readonly Extension[]) => extensions.map(({ name }) => name);

describe("resolveExtensions", () => {
  test("permessage-deflate is offered by default, behind the application's own extensions", () => {
    expect(names(resolveExtensions({}))).toEqual(["permessage-deflate"]);
    expect(names(resolveExtensions({ extensions: [extension("own")] }))).toEqual(["own", "permessage-deflate"]);
  });

  test("permessage-deflate is left out if perMessageDeflate is false", () => {
    expect(resolveExtensions({ perMessageDeflate: false })).toEqual([]);
  });

  test("permessage-deflate is not offered a second time if the application brings its own", () => {
    const own = permessageDeflate({ threshold: 1 });
    expect(resolveExtensions({ extensions: [own] })).toEqual([own]);
  });

  test("two extensions of the same name are an error", () => {
    const extensions = [permessageDeflate({})];
    expect(() => resolveExtensions({ extensions, perMessageDeflate: true })).toThrow("permessage-deflate");
  });

  test("an invalid option of perMessageDeflate is an error that names it", () => {
    expect(() => resolveExtensions({ perMessageDeflate: { threshold: -1 } })).toThrow("threshold");
  });
});

describe("the rules for the options about extensions", () => {
  test.each([true, false])("perMessageDeflate may be %j", (value) => {
    expect(EXTENSION_RULES.perMessageDeflate(value, "perMessageDeflate")).toBe(value);
  });

  test.each([1, "yes", null, []])("perMessageDeflate may not be %j", (value) => {
    expect(() => EXTENSION_RULES.perMessageDeflate(value, "perMessageDeflate")).toThrow(
      argumentError(TypeError, "OPTION_INVALID", /^perMessageDeflate must be true, false or an object of options/),
    );
  });

  test("the list of extensions is copied, so that a later change of it has no effect", () => {
    const given = [extension("one")];
    const checked = EXTENSION_RULES.extensions(given, "extensions");
    given.push(extension("two"));
    expect(names(checked as readonly Extension[])).toEqual(["one"]);
  });

  test("extensions may not be anything but a list", () => {
    expect(() => EXTENSION_RULES.extensions(extension("one"), "extensions")).toThrow(
      argumentError(TypeError, "OPTION_INVALID", /^extensions must be a list of extensions/),
    );
  });

  test("two extensions in the list may not have the same name", () => {
    const both = [extension("one"), extension("one")];
    expect(() => EXTENSION_RULES.extensions(both, "extensions")).toThrow(TypeError);
  });
});
