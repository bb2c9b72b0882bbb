import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { editDistance, nearestName } from "../../src/arguments/nearest-name.ts";

const NAMES = ["origins", "authenticate", "maxPayload", "port", "path", "host", "perMessageDeflate", "tls"];

describe("nearestName", () => {
  test.each([
    ["orgins", "origins"],
    ["authentcate", "authenticate"],
    ["authentication", "authenticate"],
    ["maxpayload", "maxPayload"],
    ["MAX_PAYLOAD", "maxPayload"],
    ["per-message-deflate", "perMessageDeflate"],
    ["perMessageDefalte", "perMessageDeflate"],
    ["prot", "port"],
    ["tsl", "tls"],
    ["paths", "path"],
  ])("nearestName() finds for %s the name %s", (wrong, meant) => {
    expect(nearestName(wrong, NAMES)).toBe(meant);
  });

  test.each(["foo", "", "verifyClient", "x".repeat(100_000), "\u{1f600}", "constructor"])(
    "nearestName() finds no name for %s",
    (wrong) => {
      expect(nearestName(wrong, NAMES)).toBeUndefined();
    },
  );

  test("nearestName() returns the first of two names at the same distance", () => {
    expect(nearestName("post", ["port", "host"])).toBe("port");
    expect(nearestName("post", ["host", "port"])).toBe("host");
  });

  test("nearestName() finds a name at distance 1 after any one edit", () => {
    const edit = fc.record({
      name: fc.constantFrom(...NAMES),
      at: fc.nat(),
      kind: fc.constantFrom("insert", "delete", "replace", "exchange"),
      char: fc.constantFrom("x", "q", "z"),
    });
    fc.assert(
      fc.property(edit, ({ name, at, kind, char }) => {
        const place = at % (name.length - 1);
        const [before, here, next] = [name.slice(0, place), name.charAt(place), name.charAt(place + 1)];
        const behind = name.slice(place + 2);
        const wrong = {
          insert: before + char + here + next + behind,
          delete: before + next + behind,
          replace: before + char + next + behind,
          exchange: before + next + here + behind,
        }[kind];
        const nearest = nearestName(wrong, NAMES);
        // Another name may be as near, as "post" is to both "port" and "host".
        expect(editDistance(wrong.toLowerCase(), (nearest ?? "").toLowerCase())).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe("editDistance", () => {
  test.each([
    ["", "", 0],
    ["", "abc", 3],
    ["abc", "abc", 0],
    ["abc", "acb", 1],
    ["kitten", "sitting", 3],
    ["ca", "abc", 3],
  ])("editDistance() from %j to %j is %i", (from, to, distance) => {
    expect(editDistance(from, to)).toBe(distance);
  });

  const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 8 });

  test("editDistance() is symmetric, 0 only for equal texts, and between the difference and the maximum of the lengths", () => {
    fc.assert(
      fc.property(word, word, (from, to) => {
        const distance = editDistance(from, to);
        expect(distance).toBe(editDistance(to, from));
        expect(distance === 0).toBe(from === to);
        expect(distance).toBeGreaterThanOrEqual(Math.abs(from.length - to.length));
        expect(distance).toBeLessThanOrEqual(Math.max(from.length, to.length));
      }),
    );
  });
});
