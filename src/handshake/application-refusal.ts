import { shown, wrongType } from "../arguments/index.ts";
import { type ExtraHeaders, type HeaderValue, headerEntries } from "../http/extra-headers.ts";
import { fieldLines } from "../http/field-lines.ts";
import { RefusalError } from "./refusal-error.ts";
import { isRefusalField } from "./reserved-fields.ts";
import { checkRefusalStatus } from "./server-response.ts";

/**
 * Makes a refusal for an `authenticate` hook to return or throw.
 *
 * @param status the HTTP status: 300 to 599, but not 304, which has no body
 * @param message one sentence for the client
 * @param headers header fields of the response, such as `Location` or `WWW-Authenticate`
 * @throws RangeError ARGUMENT_INVALID for a status out of range; TypeError ARGUMENT_INVALID for a status that is not a
 *   number and a message that is empty or not a string; TypeError HEADER_INVALID for header fields that cannot be sent
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { refuse } from "tautline";
 *
 * const refusal = refuse(401, "the token has expired", { "WWW-Authenticate": "Bearer" });
 * assert.equal(refusal.status, 401);
 * assert.equal(refusal.code, "REFUSED");
 * ```
 */
export function refuse(status: number, message: string, headers: ExtraHeaders = {}): RefusalError {
  checkRefusalStatus(status);
  if (typeof message !== "string" || message === "") {
    const advice = `as in refuse(${status}, "the token has expired")`;
    throw wrongType("ARGUMENT_INVALID", `refuse() needs a sentence for the client, not ${shown(message)}: ${advice}`);
  }
  const entries = headerEntries(headers);
  fieldLines(entries, isRefusalField);
  return new RefusalError({
    kind: "refusal",
    code: "REFUSED",
    status,
    section: "RFC 6455 section 4.2.2",
    message,
    headers: Object.freeze(byName(entries)),
  });
}

/** The fields as one object, in which a repeated name has a list of values. */
function byName(entries: Iterable<readonly [string, readonly string[]]>): Record<string, HeaderValue> {
  const all = new Map<string, HeaderValue>();
  for (const [name, values] of entries) {
    const together = [...[all.get(name) ?? []].flat(), ...values];
    all.set(name, together.length === 1 ? (together[0] as string) : together);
  }
  return Object.fromEntries(all);
}
