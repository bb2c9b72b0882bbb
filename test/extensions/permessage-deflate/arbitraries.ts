import fc from "fast-check";
import { noise, wordy } from "./codecs.ts";

/** Messages, some of which cannot be compressed. */
export const payloads = fc.oneof(
  { weight: 5, arbitrary: fc.uint8Array({ maxLength: 400 }) },
  { weight: 5, arbitrary: fc.string({ maxLength: 3000 }).map((text) => Buffer.from(text.repeat(3))) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 90_000 }).map((length) => wordy(length, length)) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 90_000 }).map((length) => noise(length, length)) },
  { weight: 1, arbitrary: fc.integer({ min: 100_000, max: 300_000 }).map((length) => Buffer.alloc(length, 7)) },
);

const bits = fc.integer({ min: 8, max: 15 });
/** Mostly false: context takeover is the usual case. */
const seldom = fc.integer({ min: 0, max: 3 }).map((number) => number === 3);
const common = {
  serverNoContextTakeover: seldom,
  clientNoContextTakeover: seldom,
  serverMaxWindowBits: bits,
  level: fc.integer({ min: 0, max: 9 }),
  memLevel: fc.integer({ min: 1, max: 9 }),
  threshold: fc.constantFrom(0, 0, 128, 1000),
};
/** Options of a server. */
export const serverOptions = fc.record({ ...common, clientMaxWindowBits: bits });
/** Options of a client. */
export const clientOptions = fc.record({
  ...common,
  clientMaxWindowBits: fc.oneof({ weight: 4, arbitrary: bits }, { weight: 1, arbitrary: fc.constant(false as const) }),
  fallback: fc.boolean(),
});
