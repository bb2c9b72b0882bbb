import { expect, test } from "vitest";
import { DeflateViolations } from "../../../src/extensions/permessage-deflate/deflate-violations.ts";
import { InflateMeter } from "../../../src/extensions/permessage-deflate/inflate-meter.ts";
import { Violations } from "../../../src/framing/violations.ts";

test("RFC 6455 section 10.4: a message of maxPayload bytes is accepted, and one more byte is too big", () => {
  const meter = new InflateMeter(1000);
  expect(meter.count(10, 600)).toBeNull();
  expect(meter.count(10, 400)).toBeNull();
  expect(meter.count(0, 1)).toBe(Violations.MESSAGE_TOO_BIG);
});

test("RFC 6455 section 10.4: 8192 compressed bytes without output are accepted, and one more is wasteful", () => {
  const meter = new InflateMeter(1000);
  expect(meter.count(8192, 0)).toBeNull();
  expect(meter.count(1, 0)).toBe(DeflateViolations.DEFLATE_WASTEFUL);
});

test("RFC 6455 section 10.4: each byte of output allows 16 more compressed bytes", () => {
  const meter = new InflateMeter(1000);
  expect(meter.count(8192 + 16 * 5, 5)).toBeNull();
  expect(meter.count(1, 0)).toBe(DeflateViolations.DEFLATE_WASTEFUL);
});

test("RFC 6455 section 10.4: 8 final blocks are accepted, and one more is wasteful", () => {
  const meter = new InflateMeter(1000);
  for (let block = 0; block < 8; block++) expect(meter.countRestart()).toBeNull();
  expect(meter.countRestart()).toBe(DeflateViolations.DEFLATE_WASTEFUL);
});

test("RFC 6455 section 10.4: each 64 compressed bytes allow one more final block", () => {
  const meter = new InflateMeter(1000);
  meter.count(640, 0);
  for (let block = 0; block < 18; block++) expect(meter.countRestart()).toBeNull();
  expect(meter.countRestart()).toBe(DeflateViolations.DEFLATE_WASTEFUL);
});

test("a message that is too big and wasteful is reported as too big", () => {
  expect(new InflateMeter(10).count(100_000, 11)).toBe(Violations.MESSAGE_TOO_BIG);
});
