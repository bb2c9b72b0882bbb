import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import type { BinaryData } from "../../src/connection/payload.ts";
import { asBytes, controlPayload } from "../../src/connection/payload.ts";
import { argumentError } from "../support/argument-error.ts";

const octets = [1, 2, 3, 4, 5, 6, 7, 8];

describe("asBytes", () => {
  const memory = new Uint8Array([0, 0, 0, 0, 0, 0, 0, 0, ...octets, 9]).buffer;
  const shared = new SharedArrayBuffer(8);
  new Uint8Array(shared).set(octets);

  test.each<[string, BinaryData]>([
    ["a Buffer", Buffer.from(octets)],
    ["a Uint8Array that begins inside its memory", new Uint8Array(memory, 8, 8)],
    ["a DataView", new DataView(memory, 8, 8)],
    ["a Float64Array", new Float64Array(memory, 8, 1)],
    ["an ArrayBuffer", new Uint8Array(octets).buffer],
    ["a SharedArrayBuffer", shared],
    ["an ArrayBuffer of another realm", runInNewContext(`new Uint8Array([${octets}]).buffer`)],
    ["a Uint8Array of another realm", runInNewContext(`new Uint8Array([${octets}])`)],
  ])("asBytes() reads %s", (_name, data) => {
    expect([...asBytes(data)]).toEqual(octets);
  });

  test("asBytes() copies nothing", () => {
    expect(asBytes(new DataView(memory, 8, 8)).buffer).toBe(memory);
  });

  test.each([
    [null, "null"],
    [undefined, "undefined"],
    [7, "7"],
    [true, "true"],
    [{}, "an object"],
    [[1, 2], "an array"],
    [new Blob([]), "a Blob object"],
    [() => 1, "a function, and no callback is taken"],
    [10n, "10n"],
    [Symbol("s"), "Symbol(s)"],
  ])("asBytes() rejects %s with a TypeError that names it", (data, name) => {
    expect(() => asBytes(data as unknown as BinaryData)).toThrow(
      argumentError(
        TypeError,
        "ARGUMENT_INVALID",
        `data must be a string, an ArrayBuffer or a view of one, not ${name}`,
      ),
    );
  });
});

describe("controlPayload", () => {
  test("RFC 6455 section 5.5: a control payload may have up to 125 bytes, of UTF-8 if it is a string", () => {
    expect(controlPayload("x".repeat(125)).length).toBe(125);
    expect(controlPayload(Buffer.alloc(125)).length).toBe(125);
    expect(controlPayload("ü").length).toBe(2);
  });

  test.each(["x".repeat(126), "ü".repeat(63), Buffer.alloc(126)])(
    "RFC 6455 section 5.5: a control payload of 126 bytes throws a RangeError",
    (data) => {
      expect(() => controlPayload(data)).toThrow(RangeError);
      expect(() => controlPayload(data)).toThrow(/126 bytes.*RFC 6455 section 5\.5/);
    },
  );
});
