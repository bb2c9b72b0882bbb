import { expect, test } from "vitest";
import { ExtensionViolations } from "../../src/extensions/extension-violations.ts";

test("RFC 6455 section 7.4.1: an extension that fails closes with 1011, an internal error", () => {
  const { EXTENSION_FAILED } = ExtensionViolations;
  expect(EXTENSION_FAILED).toMatchObject({ kind: "violation", code: "EXTENSION_FAILED", closeCode: 1011 });
  expect(Object.keys(ExtensionViolations)).toEqual(["EXTENSION_FAILED"]);
});
