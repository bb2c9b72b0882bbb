import { expect, test } from "vitest";
import { ensureWanted } from "../../../src/extensions/permessage-deflate/wanted.ts";

test("ensureWanted() throws only if the result is not needed any more", () => {
  expect(() => ensureWanted(() => true)).not.toThrow();
  expect(() => ensureWanted(() => false)).toThrow("the connection closed before its message was processed");
});
