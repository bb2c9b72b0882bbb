/** The reasons for which a server refuses a request. Rows that call for the same reaction share a code. */
import type { Row } from "../errors.ts";

/** Why the server refuses a request, and the status of its response. */
export interface Refusal extends Row {
  readonly kind: "refusal";
  /** The HTTP status; 0 if no response can be sent. */
  readonly status: number;
  /** Header fields that the status calls for, such as `Allow` for 405. Each value of a list is sent on its own line. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
}

const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze({});

function refusal(code: string, status: number, section: string, message: string, headers = NO_HEADERS): Refusal {
  return Object.freeze({ kind: "refusal", code, status, section, message, headers: Object.freeze(headers) });
}

const LINES = "RFC 9112 section 2.2";
const REQUEST_LINE = "RFC 9112 section 3";
const TARGET_AND_HOST = "RFC 9112 section 3.2";
const FIELDS = "RFC 9112 section 5";
const FIELD_VALUES = "RFC 9110 section 5.5";
const FIELDS_TOO_LARGE = "RFC 6585 section 5";
const SERVER_READS = "RFC 6455 section 4.2.1";
const SERVER_SENDS = "RFC 6455 section 4.2.2";

const HeadRefusals = {
  REQUEST_LINE_INVALID: refusal(
    "REQUEST_LINE_INVALID",
    400,
    REQUEST_LINE,
    "the request line is not a method, a target and an HTTP version, separated by single spaces",
  ),
  REQUEST_LINE_BAD_BYTE: refusal("HEAD_BAD_BYTE", 400, REQUEST_LINE, "the request line has a control character"),
  REQUEST_LINE_TOO_LONG: refusal("HEAD_TOO_LARGE", 414, REQUEST_LINE, "the request line is longer than the limit"),
  LINE_END_INVALID: refusal("HEAD_BAD_BYTE", 400, LINES, "the head of the request has a bare CR or LF"),
  SPACE_BEFORE_FIELDS: refusal("FIELD_FOLDED", 400, LINES, "white space follows the request line"),
  FIELD_FOLDED: refusal(
    "FIELD_FOLDED",
    400,
    "RFC 9112 section 5.2",
    "a header field continues on a further line (obsolete line folding)",
  ),
  FIELD_WITHOUT_COLON: refusal("FIELD_NAME_INVALID", 400, FIELDS, "a header field has no colon"),
  FIELD_NAME_INVALID: refusal("FIELD_NAME_INVALID", 400, FIELDS, "the name of a header field is not a token"),
  FIELD_NAME_BAD_BYTE: refusal("HEAD_BAD_BYTE", 400, FIELDS, "the name of a header field has a control character"),
  FIELD_VALUE_BAD_BYTE: refusal(
    "HEAD_BAD_BYTE",
    400,
    FIELD_VALUES,
    "the value of a header field has a control character",
  ),
  FIELD_SPACE_BEFORE_COLON: refusal(
    "FIELD_SPACE_BEFORE_COLON",
    400,
    "RFC 9112 section 5.1",
    "there is white space between the name of a header field and its colon",
  ),
  HEAD_TOO_LARGE: refusal("HEAD_TOO_LARGE", 431, FIELDS_TOO_LARGE, "the head of the request is longer than the limit"),
  HEAD_TOO_MANY_FIELDS: refusal(
    "HEAD_TOO_MANY_FIELDS",
    431,
    FIELDS_TOO_LARGE,
    "the request has more header fields than the limit",
  ),
} as const;

const RequestRefusals = {
  VERSION_UNSUPPORTED: refusal(
    "VERSION_UNSUPPORTED",
    400,
    SERVER_READS,
    "the request is not HTTP/1.1, which a WebSocket handshake requires",
  ),
  METHOD_NOT_GET: refusal("METHOD_NOT_GET", 405, SERVER_READS, "the method is not GET", { Allow: "GET" }),
  BODY_UNEXPECTED: refusal("BODY_UNEXPECTED", 400, SERVER_READS, "the request announces a body"),
  HOST_MISSING: refusal("HOST_MISSING", 400, TARGET_AND_HOST, "the Host header field is missing"),
  DUPLICATE_HOST: refusal("DUPLICATE_HOST", 400, TARGET_AND_HOST, "there is more than one Host header field"),
  HOST_INVALID: refusal(
    "HOST_INVALID",
    400,
    TARGET_AND_HOST,
    "the Host header field is not a host with an optional port",
  ),
  TARGET_INVALID: refusal(
    "TARGET_INVALID",
    400,
    TARGET_AND_HOST,
    "the request target is neither a path nor an absolute URI",
  ),
  NOT_AN_UPGRADE: refusal(
    "NOT_AN_UPGRADE",
    426,
    SERVER_READS,
    "this is a WebSocket server: connect to it with a WebSocket client, as with new WebSocket(url)",
    { Upgrade: "websocket", "Sec-WebSocket-Version": "13" },
  ),
  CONNECTION_NOT_UPGRADE: refusal(
    "CONNECTION_NOT_UPGRADE",
    400,
    SERVER_READS,
    'the Connection header field lacks the token "Upgrade"',
  ),
  WEBSOCKET_VERSION_UNSUPPORTED: refusal(
    "WEBSOCKET_VERSION_UNSUPPORTED",
    426,
    "RFC 6455 section 4.4",
    "the Sec-WebSocket-Version is not 13",
    { Upgrade: "websocket", "Sec-WebSocket-Version": "13" },
  ),
  DUPLICATE_VERSION: refusal(
    "DUPLICATE_FIELD",
    400,
    "RFC 6455 section 11.3.5",
    "there is more than one Sec-WebSocket-Version header field",
  ),
  KEY_INVALID: refusal("KEY_INVALID", 400, SERVER_READS, "the Sec-WebSocket-Key is not the base64 form of 16 bytes"),
  DUPLICATE_KEY: refusal(
    "DUPLICATE_FIELD",
    400,
    "RFC 6455 section 11.3.1",
    "there is more than one Sec-WebSocket-Key header field",
  ),
  DUPLICATE_ORIGIN: refusal(
    "DUPLICATE_FIELD",
    400,
    "RFC 6454 section 7.3",
    "there is more than one Origin header field",
  ),
  SUBPROTOCOLS_INVALID: refusal(
    "SUBPROTOCOLS_INVALID",
    400,
    "RFC 6455 section 4.1",
    "Sec-WebSocket-Protocol is not a list of unique tokens",
  ),
  EXTENSIONS_INVALID: refusal(
    "EXTENSIONS_INVALID",
    400,
    "RFC 6455 section 9.1",
    "Sec-WebSocket-Extensions does not follow its grammar",
  ),
} as const;

const ServerRefusals = {
  PATH_NOT_FOUND: refusal("PATH_NOT_FOUND", 404, SERVER_SENDS, "no WebSocket is served at this path"),
  ORIGIN_FORBIDDEN: refusal("ORIGIN_FORBIDDEN", 403, "RFC 6455 section 10.2", "the Origin is not allowed here"),
  NOT_AUTHENTICATED: refusal("NOT_AUTHENTICATED", 401, "RFC 6455 section 10.5", "the request is not authenticated"),
  HEAD_TIMEOUT: refusal(
    "HEAD_TIMEOUT",
    408,
    "RFC 9110 section 15.5.9",
    "the request was not complete within handshakeTimeout",
  ),
  // 408 would say that the client was slow. 504 is for gateways.
  AUTHENTICATION_TIMEOUT: refusal(
    "AUTHENTICATION_TIMEOUT",
    503,
    "RFC 9110 section 15.6.4",
    "the request was not authenticated within handshakeTimeout",
  ),
  SERVER_CLOSING: refusal("SERVER_CLOSING", 503, SERVER_SENDS, "the server is closing"),
  SERVER_FAILED: refusal("SERVER_FAILED", 500, SERVER_SENDS, "the server failed while handling the request"),
} as const;

/** All refusals that are sent to the client. */
export const Refusals = Object.freeze({ ...HeadRefusals, ...RequestRefusals, ...ServerRefusals });

/** Refusals without a response, because none could be sent. */
export const UnansweredRefusals = Object.freeze({
  TLS_FAILED: refusal("TLS_FAILED", 0, SERVER_SENDS, "the TLS handshake failed"),
});
