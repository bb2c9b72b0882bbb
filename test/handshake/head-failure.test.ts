import { describe, expect, test } from "vitest";
import { failureFor } from "../../src/handshake/head-failure.ts";
import { isRefusal } from "../../src/handshake/is-refusal.ts";
import { ResponseReader } from "../../src/handshake/response-reader.ts";
import { brokenResponses, STATUS_LINE } from "../support/broken-heads.ts";

describe("a response with", () => {
  test.each(brokenResponses)("$what fails with $failure.code and $failure.section", ({ from, failure }) => {
    const reading = new ResponseReader().push(Buffer.from(from(STATUS_LINE), "latin1"));
    const { detail, ...row } = failure;
    expect(reading).toMatchObject({ failure: row, detail });
    expect(isRefusal(reading)).toBe(false);
  });
});

test("each rule about heads has a failure of its own, and none has an HTTP status", () => {
  const rules = brokenResponses.map(({ rule }) => rule) as Parameters<typeof failureFor>[0]["rule"][];
  const failures = rules.map((rule) => failureFor({ rule, text: "" }).failure);
  expect(new Set(failures).size).toBe(rules.length);
  for (const failure of failures) expect(failure).not.toHaveProperty("status");
});

test("the detail quotes the offending line in bounded, printable ASCII", () => {
  const { detail } = failureFor({ rule: "fieldName", text: `\x1b[31m\xff${"a".repeat(10_000)}: b` });
  expect(detail).toMatch(/^"\\x1b\[31m\\xffa{10,100}\.\.\."$/);
});
