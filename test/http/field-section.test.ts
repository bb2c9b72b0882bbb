import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Folding, parseFieldSection } from "../../src/http/field-section.ts";
import type { RequestRule } from "../../src/http/head-fault.ts";

const parse = (lines: readonly string[], folding: Folding = "reject") => parseFieldSection(lines, 100, folding);

/** The raw names and values, or the fault. */
function rawOf(lines: readonly string[], folding: Folding = "reject") {
  const fields = parse(lines, folding);
  return "rule" in fields ? fields : fields.raw;
}

test("names and values are kept as they were sent, in order, without the white space around the values", () => {
  expect(rawOf(["Host: a", "X-y:\t b \t", "EMPTY:", "X-Y:c:d"])).toEqual([
    ...["Host", "a", "X-y", "b", "EMPTY", "", "X-Y", "c:d"],
  ]);
});

test("no lines are no fields", () => {
  expect(rawOf([])).toEqual([]);
});

describe("a field line", () => {
  test.each<[string, string, RequestRule]>([
    ["without a colon", "Host", "colon"],
    ["that is empty", "", "colon"],
    ["without a name", ": a", "fieldName"],
    ["with a space inside its name", "Ho st: a", "fieldName"],
    ["with a slash in its name", "Ho/st: a", "fieldName"],
    ["with obs-text in its name", "H\xf6st: a", "fieldName"],
    ["with a space before its colon (RFC 9112 section 5.1: MUST be rejected)", "Host : a", "spaceBeforeColon"],
    ["with a tab before its colon (RFC 9112 section 5.1: MUST be rejected)", "Host\t: a", "spaceBeforeColon"],
  ])("%s is a fault, whatever precedes it", (_, line, rule) => {
    const fault = { rule, text: line };
    expect(parse([line])).toEqual(fault);
    expect(parse(["Host: a", line])).toEqual(fault);
    expect(parse(["Host: a", line], "unfold")).toEqual(fault);
  });
});

describe("a folded line", () => {
  test.each([" b", "\tb", " ", "\t: x"])("such as %j is a fault if folding is rejected", (line) => {
    expect(parse(["A: a", line])).toEqual({ rule: "folding", text: line });
  });

  test("is joined by one space otherwise, as RFC 9112 section 5.2 demands (MUST)", () => {
    expect(rawOf(["A: a", " b", "\t\tc ", " ", "B:", " d"], "unfold")).toEqual(["A", "a b c", "B", "d"]);
  });

  test.each<Folding>(["reject", "unfold"])(
    "before the first field is a fault in any case (RFC 9112 section 2.2: MUST be rejected or ignored): %s",
    (folding) => {
      expect(parse([" A: a"], folding)).toEqual({ rule: "spaceBeforeFields", text: " A: a" });
    },
  );

  test("does not count as a field, and 50,000 of them are one value", () => {
    const lines = ["A:", ...Array.from({ length: 50_000 }, () => " b")];
    const fields = parseFieldSection(lines, 1, "unfold");
    expect("rule" in fields ? fields : fields.get("a")?.length).toBe(99_999);
  });
});

test("maxHeaders fields are accepted, and one more is a fault", () => {
  const lines = ["a: 1", "b: 2", "c: 3"];
  expect(parseFieldSection(lines, 3, "reject")).toHaveProperty("count", 3);
  expect(parseFieldSection(lines, 2, "reject")).toEqual({ rule: "fieldCount", text: "" });
});

test("random lines give fields or a fault, and never an exception", () => {
  const line = fc.string({ unit: fc.constantFrom("a", ":", " ", "\t", "-", "\xff", "/") });
  fc.assert(
    fc.property(
      fc.array(fc.oneof(line, fc.string())),
      fc.constantFrom<Folding>("reject", "unfold"),
      (lines, folding) => {
        const fields = parseFieldSection(lines, 3, folding);
        if ("rule" in fields) expect(["", ...lines]).toContain(fields.text);
        else expect(fields.count).toBeLessThanOrEqual(3);
      },
    ),
  );
});
