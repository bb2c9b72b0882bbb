import { expect, test } from "vitest";
import { DeflateViolations } from "../../../src/extensions/permessage-deflate/deflate-violations.ts";

test("a compressed message that cannot be inflated closes with 1007, a wasteful one with 1008", () => {
  const closeCodes = Object.entries(DeflateViolations).map(([key, { code, closeCode }]) => [key, code, closeCode]);
  expect(closeCodes).toEqual([
    ["DEFLATE_CORRUPT", "DEFLATE_CORRUPT", 1007],
    ["DEFLATE_WASTEFUL", "DEFLATE_WASTEFUL", 1008],
  ]);
});
