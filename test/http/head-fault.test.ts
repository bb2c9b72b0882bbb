import { describe, expect, test } from "vitest";
import { HeadScanner } from "../../src/http/head-scanner.ts";
import { parseRequest } from "../../src/http/request-head.ts";
import { parseResponse } from "../../src/http/response-head.ts";
import { brokenHeads, brokenResponses, REQUEST_LINE, STATUS_LINE } from "../support/broken-heads.ts";
import { byteByByte } from "../support/frames.ts";

/** The rule that these bytes break; null if they break none. */
function brokenRule(chunks: readonly Buffer[], parse: typeof parseRequest | typeof parseResponse): string | null {
  const scanner = new HeadScanner({});
  for (const chunk of chunks) {
    const found = scanner.push(chunk);
    if (found === null) continue;
    const head = "rule" in found ? found : parse(found.text);
    return "rule" in head ? head.rule : null;
  }
  return "no head";
}

describe("a head with", () => {
  test.each(brokenHeads)(
    "$what breaks the rule $rule in a request, in one chunk and byte by byte",
    ({ rule, from }) => {
      const bytes = Buffer.from(from(REQUEST_LINE), "latin1");
      expect(brokenRule([bytes], parseRequest)).toBe(rule);
      expect(brokenRule(byteByByte(bytes), parseRequest)).toBe(rule);
    },
  );

  test.each(brokenResponses)(
    "$what breaks the rule $rule in a response, in one chunk and byte by byte",
    ({ rule, from }) => {
      const bytes = Buffer.from(from(STATUS_LINE), "latin1");
      expect(brokenRule([bytes], parseResponse)).toBe(rule);
      expect(brokenRule(byteByByte(bytes), parseResponse)).toBe(rule);
    },
  );

  test("a folded field breaks no rule in a response: RFC 9112 section 5.2", () => {
    const folded = brokenHeads.filter(({ failure }) => failure === null);
    expect(folded.map(({ rule }) => rule)).toEqual(["folding"]);
    for (const { from } of folded) {
      expect(brokenRule([Buffer.from(from(STATUS_LINE), "latin1")], parseResponse)).toBeNull();
    }
  });
});
