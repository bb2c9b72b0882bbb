import { isToken } from "../extensions/token.ts";
import { requestRefusal } from "./head-fault.ts";
import { type HeadLimits, headLimit } from "./head-limits.ts";
import { HeaderFields } from "./header-fields.ts";
import { httpVersion } from "./http-version.ts";
import { type Refusal, Refusals } from "./refusals.ts";

export { resourcePath } from "./request-target.ts";

/** The head of a request: well-formed, but not yet judged. */
export interface RequestHead {
  /** As it was sent: methods are case-sensitive. */
  readonly method: string;
  /** As it was sent; may be in no valid form. */
  readonly target: string;
  /** Such as "1.1". */
  readonly httpVersion: string;
  readonly fields: HeaderFields;
}

/** request-line = method SP request-target SP HTTP-version (RFC 9112 section 3), by single spaces only. */
function parseRequestLine(line: string): Omit<RequestHead, "fields"> | null {
  const [method = "", target = "", version = "", ...more] = line.split(" ", 4);
  const number = httpVersion(version);
  if (!isToken(method) || target === "" || number === null || more.length > 0) return null;
  return { method, target, httpVersion: number };
}

/**
 * Parses a head that `HeadReader` has read. A folded line is refused, as RFC 9112 section 5.2 lets a server do.
 *
 * @throws RangeError when `limits.maxHeaders` is not a positive integer.
 */
export function parseRequestHead(head: string, limits: Partial<HeadLimits> = {}): RequestHead | Refusal {
  const lines = head.split("\r\n");
  const start = parseRequestLine(lines[0] ?? "");
  if (start === null) return Refusals.REQUEST_LINE_INVALID;
  const fields = HeaderFields.parse(lines, 1, headLimit(limits, "maxHeaders"), "refuse");
  return "rule" in fields ? requestRefusal(fields) : { ...start, fields };
}
