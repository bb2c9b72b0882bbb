/** One head for each rule that a head can break, with the expected reports of a server and a client. */
import type { HeadRule, RequestRule } from "../../src/http/head-fault.ts";

/** The expected report of a server. */
export interface ExpectedRefusal {
  readonly code: string;
  readonly status: number;
  readonly section: string;
}

/** The expected report of a client. */
export interface ExpectedFailure {
  readonly code: string;
  readonly section: string;
  /** The detail that a client reports, for the start line of a response. */
  readonly detail: string;
}

export interface BrokenHead {
  /** The fault, to follow "a head with". */
  readonly what: string;
  /** The bytes of the head, one character per byte, made from a valid start line. */
  readonly from: (startLine: string) => string;
  readonly refusal: ExpectedRefusal;
  /** Null if a client accepts the head. */
  readonly failure: ExpectedFailure | null;
}

export const REQUEST_LINE = "GET /chat HTTP/1.1";
export const STATUS_LINE = "HTTP/1.1 101 Switching Protocols";

const withFields = (fields: string) => (startLine: string) => `${startLine}\r\n${fields}\r\n\r\n`;
const malformed = (section: string, detail: string) => ({ code: "RESPONSE_MALFORMED", section, detail });
const tooLarge = (section: string) => ({ code: "RESPONSE_TOO_LARGE", section, detail: "" });

const table: Record<HeadRule, BrokenHead & { readonly failure: ExpectedFailure }> & Record<RequestRule, BrokenHead> = {
  startLine: {
    what: "two spaces in its start line",
    from: (startLine) => withFields("A: b")(startLine.replace(" ", "  ")),
    refusal: { code: "REQUEST_LINE_INVALID", status: 400, section: "RFC 9112 section 3" },
    failure: malformed("RFC 9112 section 4", '"HTTP/1.1  101 Switching Protocols"'),
  },
  startLineByte: {
    what: "a NUL in its start line",
    from: (startLine) => `${startLine}\0`,
    refusal: { code: "HEAD_BAD_BYTE", status: 400, section: "RFC 9112 section 3" },
    failure: malformed("RFC 9112 section 4", String.raw`"HTTP/1.1 101 Switching Protocols\x00"`),
  },
  startLineSize: {
    what: "a start line that exceeds the limit",
    from: (startLine) => startLine + "x".repeat(20_000),
    refusal: { code: "HEAD_TOO_LARGE", status: 414, section: "RFC 9112 section 3" },
    failure: tooLarge("RFC 9110 section 2.3"),
  },
  lineEnd: {
    what: "a bare LF",
    from: withFields("A: b\nC: d"),
    refusal: { code: "HEAD_BAD_BYTE", status: 400, section: "RFC 9112 section 2.2" },
    failure: malformed("RFC 9112 section 2.2", String.raw`"A: b\n"`),
  },
  spaceBeforeFields: {
    what: "white space after its start line",
    from: withFields(" A: b"),
    refusal: { code: "FIELD_FOLDED", status: 400, section: "RFC 9112 section 2.2" },
    failure: malformed("RFC 9112 section 2.2", '" A: b"'),
  },
  colon: {
    what: "a field without a colon",
    from: withFields("Upgrade"),
    refusal: { code: "FIELD_NAME_INVALID", status: 400, section: "RFC 9112 section 5" },
    failure: malformed("RFC 9112 section 5", '"Upgrade"'),
  },
  fieldName: {
    what: "a field name that is not a token",
    from: withFields("A(b): c"),
    refusal: { code: "FIELD_NAME_INVALID", status: 400, section: "RFC 9112 section 5" },
    failure: malformed("RFC 9112 section 5", '"A(b): c"'),
  },
  fieldNameByte: {
    what: "a NUL in a field name",
    from: withFields("A\0: b"),
    refusal: { code: "HEAD_BAD_BYTE", status: 400, section: "RFC 9112 section 5" },
    failure: malformed("RFC 9112 section 5", String.raw`"A\x00"`),
  },
  fieldValueByte: {
    what: "a NUL in a field value",
    from: withFields("A: b\0c"),
    refusal: { code: "HEAD_BAD_BYTE", status: 400, section: "RFC 9110 section 5.5" },
    failure: malformed("RFC 9110 section 5.5", String.raw`"A: b\x00"`),
  },
  spaceBeforeColon: {
    what: "white space before a colon",
    from: withFields("A : b"),
    refusal: { code: "FIELD_SPACE_BEFORE_COLON", status: 400, section: "RFC 9112 section 5.1" },
    failure: malformed("RFC 9112 section 5.1", '"A : b"'),
  },
  folding: {
    what: "a folded field",
    from: withFields("A: b\r\n c"),
    refusal: { code: "FIELD_FOLDED", status: 400, section: "RFC 9112 section 5.2" },
    failure: null,
  },
  fieldCount: {
    what: "too many fields",
    from: withFields("A: b\r\n".repeat(101).trimEnd()),
    refusal: { code: "HEAD_TOO_MANY_FIELDS", status: 431, section: "RFC 6585 section 5" },
    failure: tooLarge("RFC 9110 section 5.4"),
  },
  headSize: {
    what: "fields that exceed the limit",
    from: withFields(`A: ${"b".repeat(20_000)}`),
    refusal: { code: "HEAD_TOO_LARGE", status: 431, section: "RFC 6585 section 5" },
    failure: tooLarge("RFC 9110 section 5.4"),
  },
};

/** All broken heads. */
export const brokenHeads = Object.entries(table).map(([rule, head]) => ({ rule, ...head }));

/** Those that a client does not accept either. */
export const brokenResponses = brokenHeads.flatMap(({ failure, ...head }) =>
  failure === null ? [] : [{ ...head, failure }],
);
