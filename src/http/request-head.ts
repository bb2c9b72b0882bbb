import { parseFieldSection } from "./field-section.ts";
import type { HeadFault, RequestRule } from "./head-fault.ts";
import { type HeadLimits, headLimit } from "./head-limits.ts";
import type { HeaderFields } from "./header-fields.ts";
import { httpVersion } from "./http-version.ts";
import { isToken } from "./token.ts";

/** The head of a request: well-formed, but nothing in it has been judged. */
export interface RequestHead {
  /** As it was sent: methods are case-sensitive. */
  readonly method: string;
  /** As it was sent; it may have none of the valid forms. */
  readonly target: string;
  /** The version without "HTTP/", such as "1.1". */
  readonly httpVersion: string;
  readonly fields: HeaderFields;
}

/** request-line = method SP request-target SP HTTP-version (RFC 9112 section 3), separated by single spaces only. */
function parseRequestLine(line: string): Omit<RequestHead, "fields"> | null {
  const [method = "", target = "", version = "", ...more] = line.split(" ", 4);
  const number = httpVersion(version);
  if (!isToken(method) || target === "" || number === null || more.length > 0) return null;
  return { method, target, httpVersion: number };
}

/**
 * Parses the head of a request. Folded lines are rejected, as RFC 9112 section 5.2 permits.
 *
 * @param text the request line and the field lines, separated by CRLF, one character per byte (latin1)
 * @throws RangeError or TypeError unless `limits.maxHeaders` is a whole number of at least 1
 */
export function parseRequest(text: string, limits: Partial<HeadLimits> = {}): RequestHead | HeadFault<RequestRule> {
  const lines = text.split("\r\n");
  const line = lines[0] ?? "";
  const start = parseRequestLine(line);
  if (start === null) return { rule: "startLine", text: line };
  const fields = parseFieldSection(lines.slice(1), headLimit(limits, "maxHeaders"), "reject");
  return "rule" in fields ? fields : { ...start, fields };
}
