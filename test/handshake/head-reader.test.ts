import { expect, test } from "vitest";
import { HeadReader } from "../../src/handshake/head-reader.ts";
import { Refusals } from "../../src/handshake/refusals.ts";

test("HeadReader returns the text of a head that comes byte by byte, and the bytes behind it", () => {
  const reader = new HeadReader();
  const text = "GET / HTTP/1.1\r\nHost: a";
  for (const byte of Buffer.from(`${text}\r\n\r`)) expect(reader.push(Uint8Array.of(byte))).toBeNull();
  expect(reader.push(Buffer.from("\nrest"))).toEqual({ head: text, rest: Buffer.from("rest") });
});

test("HeadReader refuses a head that is longer than its limit, and again with each further chunk", () => {
  const reader = new HeadReader({ maxHeadBytes: 20 });
  const chunk = Buffer.from("GET / HTTP/1.1\r\nHost: example.com\r\n");
  for (let count = 0; count < 2; count++) {
    expect(reader.push(chunk)).toMatchObject({ code: Refusals.HEAD_TOO_LARGE.code, status: 431 });
  }
});

test.each([{ maxHeaders: 0 }, { maxHeadBytes: 0.5 }])("HeadReader throws for the limit %j", (limits) => {
  expect(() => new HeadReader(limits)).toThrow(RangeError);
});
