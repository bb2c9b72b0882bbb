import { describe, expect, test } from "vitest";
import { refusalFor } from "../../src/handshake/head-refusal.ts";
import { isRefusal } from "../../src/handshake/is-refusal.ts";
import { RequestReader } from "../../src/handshake/request-reader.ts";
import { brokenHeads, REQUEST_LINE } from "../support/broken-heads.ts";

describe("a request with", () => {
  test.each(brokenHeads)("$what is refused with $refusal.status and $refusal.section", ({ from, refusal }) => {
    const reading = new RequestReader().push(Buffer.from(from(REQUEST_LINE), "latin1"));
    expect(isRefusal(reading)).toBe(true);
    expect(reading).toMatchObject(refusal);
  });
});

test("each rule about heads has a refusal of its own, and each refusal is the client's fault", () => {
  const rules = brokenHeads.map(({ rule }) => rule) as Parameters<typeof refusalFor>[0]["rule"][];
  const refusals = rules.map((rule) => refusalFor({ rule, text: "" }));
  expect(new Set(refusals).size).toBe(rules.length);
  for (const { status } of refusals) expect([400, 414, 431]).toContain(status);
});
