import { ConnectFailures, type ResponseFailure } from "./connect-failures.ts";
import { responseFailure } from "./head-fault.ts";
import { type HeadLimits, headLimit } from "./head-limits.ts";
import { HeaderFields } from "./header-fields.ts";
import { httpVersion } from "./http-version.ts";
import { quoted } from "./quoted.ts";

/** The head of a response: well-formed, but not yet checked. */
export interface ResponseHead {
  /** 0 to 999: three digits as they were sent. */
  readonly status: number;
  /** Not to be relied on (RFC 9112 section 4); may be empty. */
  readonly reason: string;
  /** "1.0", "1.1" or another minor version of HTTP/1. */
  readonly httpVersion: string;
  readonly fields: HeaderFields;
}

function parseStatus(text: string): number | null {
  const isNumber = text.length === 3 && [...text].every((char) => char >= "0" && char <= "9");
  return isNumber ? Number(text) : null;
}

/**
 * status-line = HTTP-version SP status-code SP [ reason-phrase ] (RFC 9112 section 4). A line that ends after
 * the status code, without the space, is taken too: many servers send it and it can be read in one way only.
 */
function parseStatusLine(line: string): Omit<ResponseHead, "fields"> | null {
  const version = httpVersion(line.slice(0, 8));
  const status = parseStatus(line.slice(9, 12));
  if (version === null || !version.startsWith("1.") || line[8] !== " " || status === null) return null;
  if (line.length > 12 && line[12] !== " ") return null;
  return { status, reason: line.slice(13), httpVersion: version };
}

/**
 * Parses the head of a response: its lines, without the empty one. A folded line is joined to the one before by a space: for a user
 * agent that is a MUST (RFC 9112 section 5.2), and safe, since nobody reads the response behind a client, and
 * the fields that decide the handshake are compared whole, so that a space inside them fails the comparison.
 *
 * @throws RangeError when `limits.maxHeaders` is not a positive integer.
 */
export function parseResponseHead(head: string, limits: Partial<HeadLimits> = {}): ResponseHead | ResponseFailure {
  const lines = head.split("\r\n");
  const [line = ""] = lines;
  const start = parseStatusLine(line);
  if (start === null) return { failure: ConnectFailures.STATUS_LINE_INVALID, detail: quoted(line) };
  const fields = HeaderFields.parse(lines, 1, headLimit(limits, "maxHeaders"), "unfold");
  return "rule" in fields ? responseFailure(fields) : { ...start, fields };
}
