import type { Refusal } from "./refusals.ts";

/**
 * Whether the result of `RequestReader.push()`, `parseRequestHead()` or `judgeRequest()` is a refusal. A `RefusalError`
 * is one too; a client's `ResponseFailure` is not.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { isRefusal, parseRequestHead, parseResponseHead } from "tautline/handshake";
 *
 * assert.equal(isRefusal(parseRequestHead("not HTTP")), true);
 * assert.equal(isRefusal(parseRequestHead("GET / HTTP/1.1")), false);
 * assert.equal(isRefusal(parseResponseHead("not HTTP")), false);
 * ```
 */
export function isRefusal(value: unknown): value is Refusal {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "refusal";
}
