import { expect, test } from "vitest";
import { receivedBytes } from "../../src/handshake/received-bytes.ts";
import { argumentError } from "../support/argument-error.ts";

test("a Buffer is used as it is", () => {
  const chunk = Buffer.from("abc");
  expect(receivedBytes(chunk)).toBe(chunk);
});

test("a Uint8Array is viewed, not copied", () => {
  const memory = Uint8Array.of(1, 2, 3, 4);
  const bytes = receivedBytes(memory.subarray(1, 3));
  expect(bytes).toEqual(Buffer.from([2, 3]));
  memory[1] = 9;
  expect(bytes[0]).toBe(9);
});

test.each<[unknown, string]>([
  ["GET /", 'chunk must be a Buffer or a Uint8Array, not "GET /": use Buffer.from(text, "latin1")'],
  [null, "chunk must be a Buffer or a Uint8Array, not null"],
  [[1, 2], "chunk must be a Buffer or a Uint8Array, not an array"],
  [new ArrayBuffer(2), "chunk must be a Buffer or a Uint8Array, not an ArrayBuffer object"],
])("anything else throws and says what to pass instead: case %#", (chunk, message) => {
  expect(() => receivedBytes(chunk as Uint8Array)).toThrow(argumentError(TypeError, "ARGUMENT_INVALID", message));
});
