import { parseFieldSection } from "./field-section.ts";
import type { HeadFault } from "./head-fault.ts";
import { type HeadLimits, headLimit } from "./head-limits.ts";
import type { HeaderFields } from "./header-fields.ts";
import { httpVersion } from "./http-version.ts";

/** The head of a response: well-formed, but nothing in it has been checked. */
export interface ResponseHead {
  /** 0 to 999: the three digits that were sent. */
  readonly status: number;
  /** For people only (RFC 9112 section 4); may be empty. */
  readonly reason: string;
  /** The version without "HTTP/": "1.0", "1.1" or another minor version of HTTP/1. */
  readonly httpVersion: string;
  readonly fields: HeaderFields;
}

const STATUS_CODE = /^[0-9]{3}$/;

/**
 * status-line = HTTP-version SP status-code SP [ reason-phrase ] (RFC 9112 section 4). A line that ends after the status
 * code, without the space, is accepted too: many servers send it, and it has only one meaning.
 */
function parseStatusLine(line: string): Omit<ResponseHead, "fields"> | null {
  const version = httpVersion(line.slice(0, 8));
  const status = line.slice(9, 12);
  if (version === null || !version.startsWith("1.") || line[8] !== " " || !STATUS_CODE.test(status)) return null;
  if (line.length > 12 && line[12] !== " ") return null;
  return { status: Number(status), reason: line.slice(13), httpVersion: version };
}

/**
 * Parses the head of a response. A folded line is joined to the previous one by a space, which RFC 9112 section 5.2
 * demands of user agents ("MUST").
 *
 * @param text the status line and the field lines, separated by CRLF, one character per byte (latin1)
 * @throws RangeError or TypeError unless `limits.maxHeaders` is a whole number of at least 1
 */
export function parseResponse(text: string, limits: Partial<HeadLimits> = {}): ResponseHead | HeadFault {
  const lines = text.split("\r\n");
  const line = lines[0] ?? "";
  const start = parseStatusLine(line);
  if (start === null) return { rule: "startLine", text: line };
  const fields = parseFieldSection(lines.slice(1), headLimit(limits, "maxHeaders"), "unfold");
  return "rule" in fields ? fields : { ...start, fields };
}
