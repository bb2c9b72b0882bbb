import { expect, test } from "vitest";
import {
  FIN_BIT,
  isControl,
  LENGTH_16,
  LENGTH_64,
  LENGTH_BITS,
  MASK_BIT,
  MAX_CONTROL_PAYLOAD,
  MAX_HEADER_SIZE,
  OPCODE_BITS,
  Opcode,
  RSV_BITS,
} from "../../src/framing/opcode.ts";

test("RFC 6455 section 5.2: the opcodes have the numbers of the standard", () => {
  expect(Opcode).toEqual({ Continuation: 0, Text: 1, Binary: 2, Close: 8, Ping: 9, Pong: 10 });
  expect(Object.isFrozen(Opcode)).toBe(true);
});

test("RFC 6455 section 5.5: the control opcodes are those with the most significant bit set, reserved ones included", () => {
  const control = Array.from({ length: 16 }, (_, opcode) => opcode).filter(isControl);
  expect(control).toEqual([8, 9, 10, 11, 12, 13, 14, 15]);
});

test("RFC 6455 section 5.2: the parts of the first two bytes do not overlap and cover all bits", () => {
  expect([FIN_BIT, RSV_BITS, OPCODE_BITS]).toEqual([0b1000_0000, 0b0111_0000, 0b0000_1111]);
  expect([MASK_BIT, LENGTH_BITS]).toEqual([0b1000_0000, 0b0111_1111]);
});

test("RFC 6455 sections 5.2 and 5.5: the lengths are those of the standard", () => {
  expect([LENGTH_16, LENGTH_64]).toEqual([126, 127]);
  expect(MAX_CONTROL_PAYLOAD).toBe(125);
  expect(MAX_HEADER_SIZE).toBe(2 + 8 + 4);
});
