import { describe, expect, test } from "vitest";
import { STRING_OR_BUFFER } from "../../src/framing/message-form.ts";

const BYTES = Buffer.from("[é€😀]");
const INSIDE = [1, BYTES.length - 1] as const;

describe("STRING_OR_BUFFER", () => {
  test("RFC 6455 section 5.6: a text message is a string of the given range", () => {
    expect(STRING_OR_BUFFER.text(BYTES, ...INSIDE)).toBe("é€😀");
    expect(STRING_OR_BUFFER.validText(BYTES)).toBe("[é€😀]");
  });

  test("RFC 6455 section 8.1: a text message of a range that is not valid UTF-8 is null", () => {
    expect(STRING_OR_BUFFER.text(BYTES, 2, BYTES.length)).toBeNull();
  });

  test("RFC 6455 section 5.6: a binary message is a copy of the given range", () => {
    const bytes = Buffer.from(BYTES);
    const message = STRING_OR_BUFFER.binary(bytes, ...INSIDE);
    bytes.fill(0);
    expect(message).toEqual(Buffer.from("é€😀"));
  });

  test("a binary message of its own bytes is not copied", () => {
    expect(STRING_OR_BUFFER.ownedBinary(BYTES)).toBe(BYTES);
  });

  test("the form is frozen", () => {
    expect(Object.isFrozen(STRING_OR_BUFFER)).toBe(true);
  });
});
