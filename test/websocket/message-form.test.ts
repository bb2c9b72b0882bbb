import { describe, expect, it } from "vitest";
import { STRING_OR_ARRAY } from "../../src/websocket/message-form.ts";

describe("a received message", () => {
  it("is a string for text, and null for text that is not UTF-8", () => {
    expect(STRING_OR_ARRAY.text(Buffer.from("xhéy"), 1, 4)).toBe("hé");
    expect(STRING_OR_ARRAY.text(Buffer.from([0x61, 0xff]), 0, 2)).toBeNull();
    expect(STRING_OR_ARRAY.validText(Buffer.from("hé"))).toBe("hé");
  });

  it.each([0, 1, 64, 65, 5000])(
    "is an array of %d bytes that alone has its ArrayBuffer, of the same length",
    (length) => {
      const source = Buffer.alloc(length + 2, 7);
      for (const message of [
        STRING_OR_ARRAY.binary(source, 1, length + 1),
        STRING_OR_ARRAY.ownedBinary(source.subarray(1, length + 1)),
      ] as Uint8Array[]) {
        expect(message.buffer.byteLength).toBe(length);
        expect(message.every((byte) => byte === 7)).toBe(true);
        expect(message.buffer).not.toBe(source.buffer);
      }
    },
  );

  it("is the array itself if that already has an ArrayBuffer of its length", () => {
    const bytes = Buffer.allocUnsafeSlow(100);
    expect(STRING_OR_ARRAY.ownedBinary(bytes)).toBe(bytes);
  });

  it("is a new array each time, also for an empty message: its ArrayBuffer is the application's", () => {
    const source = Buffer.alloc(1);
    expect(STRING_OR_ARRAY.binary(source, 0, 0)).not.toBe(STRING_OR_ARRAY.binary(source, 0, 0));
  });
});
