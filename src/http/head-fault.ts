/** What can be wrong with the head of an HTTP/1.1 message, in either direction. */

/** A rule that every head obeys, named after the part that it is about. */
export type HeadRule =
  /** Each line ends with CRLF (RFC 9112 section 2.2). */
  | "lineEnd"
  /** The start line follows its grammar (RFC 9112 sections 3 and 4). */
  | "startLine"
  /** The start line contains no control character (RFC 9112 sections 3 and 4). */
  | "startLineByte"
  /** The start line fits into the limit for the head (RFC 9110 section 2.3). */
  | "startLineSize"
  /** No white space separates the start line from the first field (RFC 9112 section 2.2). */
  | "spaceBeforeFields"
  /** A field line has a colon (RFC 9112 section 5). */
  | "colon"
  /** A field name is a token (RFC 9110 section 5.1). */
  | "fieldName"
  /** A field name contains no control character (RFC 9110 section 5.1). */
  | "fieldNameByte"
  /** A field value contains no control character (RFC 9110 section 5.5). */
  | "fieldValueByte"
  /** No white space separates a field name from its colon (RFC 9112 section 5.1). */
  | "spaceBeforeColon"
  /** The number of fields is limited (RFC 9110 section 5.4). */
  | "fieldCount"
  /** The length of the head is limited (RFC 9110 section 5.4). */
  | "headSize";

/** A request has no folded field lines either. A recipient of a response unfolds them (RFC 9112 section 5.2). */
export type RequestRule = HeadRule | "folding";

/** A rule that a head breaks. */
export interface HeadFault<Rule extends RequestRule = HeadRule> {
  readonly rule: Rule;
  /** The offending line, up to the offending byte if there is one, one character per byte; "" for limits. */
  readonly text: string;
}
