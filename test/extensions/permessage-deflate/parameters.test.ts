import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ExtensionParam } from "../../../src/extensions/extension-header.ts";
import {
  formatParameters,
  type OfferParameters,
  parseAnswer,
  parseOffer,
} from "../../../src/extensions/permessage-deflate/parameters.ts";

const NAMES = [
  "server_no_context_takeover",
  "client_no_context_takeover",
  "server_max_window_bits",
  "client_max_window_bits",
];
const bits = fc.integer({ min: 8, max: 15 });
const offer: fc.Arbitrary<OfferParameters> = fc.record({
  serverNoContextTakeover: fc.boolean(),
  clientNoContextTakeover: fc.boolean(),
  serverMaxWindowBits: fc.option(bits, { nil: null }),
  clientMaxWindowBits: fc.oneof(bits, fc.constant(true as const), fc.constant(null)),
});

const param = (name: string, value: string | true = true): ExtensionParam => ({ name, value });

describe("parseOffer and formatParameters", () => {
  test("RFC 7692 section 7.1: an offer is read as it was written", () => {
    fc.assert(
      fc.property(offer, (written) => {
        expect(parseOffer(formatParameters(written))).toEqual(written);
      }),
    );
  });

  test("RFC 7692 section 7.1: the order of the parameters has no meaning", () => {
    fc.assert(
      fc.property(offer, (written) => {
        expect(parseOffer(formatParameters(written).reverse())).toEqual(written);
      }),
    );
  });

  test("RFC 7692 section 7.1: any parameters are read, or the first wrong one is named", () => {
    const value = fc.oneof(fc.constant(true as const), fc.string(), fc.integer({ max: 20 }).map(String));
    const params = fc.array(fc.record({ name: fc.oneof(fc.constantFrom(...NAMES), fc.string()), value }));
    fc.assert(
      fc.property(params, (all) => {
        const read = parseOffer(all);
        if (typeof read === "string") return;
        expect(all.length).toBe(new Set(all.map(({ name }) => name)).size);
        expect(new Set(formatParameters(read).map(({ name }) => name))).toEqual(new Set(all.map(({ name }) => name)));
      }),
    );
  });
});

describe("the bits of a window", () => {
  test("RFC 7692 sections 7.1.2.1 and 7.1.2.2: exactly the numbers 8 to 15 without leading zeros are accepted", () => {
    for (const name of ["server_max_window_bits", "client_max_window_bits"]) {
      const accepted = ["", "0", "7", "8", "08", "9", "10", "15", "16", "99", "+9", "9.0", " 9", "1e1", "0x9"].filter(
        (value) => typeof parseOffer([param(name, value)]) !== "string",
      );
      expect(accepted).toEqual(["8", "9", "10", "15"]);
    }
  });

  test("RFC 7692 section 7.1.2.2: client_max_window_bits may lack its value in an offer and not in an answer", () => {
    const params = [param("client_max_window_bits")];
    expect(parseOffer(params)).toMatchObject({ clientMaxWindowBits: true });
    expect(parseAnswer(params)).toBe("client_max_window_bits must have a value from 8 to 15");
  });

  test("RFC 7692 section 7.1.2.1: server_max_window_bits needs its value in an offer and in an answer", () => {
    const params = [param("server_max_window_bits")];
    for (const parse of [parseOffer, parseAnswer]) {
      expect(parse(params)).toBe("server_max_window_bits must have a value from 8 to 15");
    }
  });
});

test.each([
  ["an unknown name", [param("x", "1")], "x is not a parameter of permessage-deflate"],
  ["a value of a flag", [param("server_no_context_takeover", "1")], "server_no_context_takeover must not have a value"],
  [
    "a duplicate",
    [param("client_no_context_takeover"), param("client_no_context_takeover")],
    "client_no_context_takeover is a duplicate",
  ],
  [
    "wrong bits",
    [param("server_max_window_bits", "16")],
    "server_max_window_bits must have a value from 8 to 15, not 16",
  ],
  ["a long name", [param("x".repeat(5000))], `${"x".repeat(40)}... is not a parameter of permessage-deflate`],
])("RFC 7692 section 7: an offer and an answer with %s are invalid", (_, params, message) => {
  expect(parseOffer(params)).toBe(message);
  expect(parseAnswer(params)).toBe(message);
});

test("RFC 7692 section 7.1: an answer without parameters has no limits and context takeover", () => {
  expect(parseAnswer([])).toEqual({
    serverNoContextTakeover: false,
    clientNoContextTakeover: false,
    serverMaxWindowBits: null,
    clientMaxWindowBits: null,
  });
});
