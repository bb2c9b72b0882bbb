import { expect } from "vitest";

/** Matches a DOMException by its name and its message. */
export function domException(name: "SyntaxError" | "InvalidAccessError" | "InvalidStateError", message: RegExp): Error {
  return expect.objectContaining({ constructor: DOMException, name, message: expect.stringMatching(message) });
}
