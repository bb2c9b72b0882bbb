import type { Row } from "../errors.ts";

/** A request that the server refuses: it is answered with the HTTP status. */
export interface Refusal extends Row {
  readonly kind: "refusal";
  /** 0 if no answer can be sent. */
  readonly status: number;
  /** Header fields that the status calls for, such as `Allow` for 405; a list has a line for each value. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
}

const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze({});

function refusal(code: string, status: number, section: string, message: string, headers = NO_HEADERS): Refusal {
  return Object.freeze({ kind: "refusal", code, status, section, message, headers: Object.freeze(headers) });
}

const SYNTAX = "RFC 9112 section 2.2";
const FIELDS = "RFC 9112 section 5";
const HOST = "RFC 9112 section 3.2";
const SERVER_READS = "RFC 6455 section 4.2.1";
const SERVER_SENDS = "RFC 6455 section 4.2.2";

export const Refusals = Object.freeze({
  HEAD_BAD_BYTE: refusal(
    "HEAD_BAD_BYTE",
    400,
    SYNTAX,
    "the head has a control character, or a CR or LF that stands alone",
  ),
  REQUEST_LINE_INVALID: refusal(
    "REQUEST_LINE_INVALID",
    400,
    "RFC 9112 section 3",
    "the request line is not a method, a target and a version, each after one space",
  ),
  VERSION_UNSUPPORTED: refusal(
    "VERSION_UNSUPPORTED",
    400,
    SERVER_READS,
    "the request is not in HTTP/1.1, which a WebSocket handshake needs",
  ),
  TARGET_INVALID: refusal("TARGET_INVALID", 400, "RFC 9112 section 3.2", "the request target is not a path or a URI"),
  FIELD_NAME_INVALID: refusal(
    "FIELD_NAME_INVALID",
    400,
    FIELDS,
    "a line of the head has no colon, or what stands before it is not a token",
  ),
  FIELD_SPACE_BEFORE_COLON: refusal(
    "FIELD_SPACE_BEFORE_COLON",
    400,
    "RFC 9112 section 5.1",
    "white space stands between a header field's name and its colon",
  ),
  FIELD_FOLDED: refusal(
    "FIELD_FOLDED",
    400,
    "RFC 9112 section 5.2",
    "a line of the head begins with white space (obsolete line folding)",
  ),
  HEAD_TOO_LARGE: refusal("HEAD_TOO_LARGE", 431, "RFC 6585 section 5", "the head is longer than the limit"),
  HEAD_TOO_MANY_FIELDS: refusal(
    "HEAD_TOO_MANY_FIELDS",
    431,
    "RFC 6585 section 5",
    "the head has more header fields than the limit",
  ),
  HEAD_TIMEOUT: refusal(
    "HEAD_TIMEOUT",
    408,
    "RFC 9110 section 15.5.9",
    "the request was not complete within handshakeTimeout",
  ),
  METHOD_NOT_GET: refusal("METHOD_NOT_GET", 405, SERVER_READS, "the method is not GET", { Allow: "GET" }),
  BODY_UNEXPECTED: refusal("BODY_UNEXPECTED", 400, SERVER_READS, "the handshake announces a body"),
  HOST_MISSING: refusal("HOST_MISSING", 400, HOST, "the Host header field is missing"),
  HOST_DOUBLED: refusal("HOST_DOUBLED", 400, HOST, "there is more than one Host header field"),
  HOST_INVALID: refusal("HOST_INVALID", 400, HOST, "the Host header field is not a host with an optional port"),
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
  KEY_INVALID: refusal("KEY_INVALID", 400, SERVER_READS, "the Sec-WebSocket-Key is not the base64 form of 16 bytes"),
  FIELD_DOUBLED: refusal(
    "FIELD_DOUBLED",
    400,
    "RFC 6455 section 11.3",
    "a header field stands twice that may stand once",
  ),
  SUBPROTOCOLS_INVALID: refusal(
    "SUBPROTOCOLS_INVALID",
    400,
    "RFC 6455 section 4.1",
    "Sec-WebSocket-Protocol is not a list of tokens that differ from each other",
  ),
  EXTENSIONS_INVALID: refusal(
    "EXTENSIONS_INVALID",
    400,
    "RFC 6455 section 9.1",
    "Sec-WebSocket-Extensions does not follow its grammar",
  ),
  ORIGIN_FORBIDDEN: refusal("ORIGIN_FORBIDDEN", 403, "RFC 6455 section 10.2", "the Origin is not allowed here"),
  NOT_AUTHENTICATED: refusal("NOT_AUTHENTICATED", 401, "RFC 6455 section 10.5", "the request is not authenticated"),
  // Not 408, which says that the client was slow, and not 504, which is a gateway's.
  AUTHENTICATION_TIMEOUT: refusal(
    "AUTHENTICATION_TIMEOUT",
    503,
    "RFC 9110 section 15.6.4",
    "the request was not authenticated within handshakeTimeout",
  ),
  PATH_NOT_FOUND: refusal("PATH_NOT_FOUND", 404, SERVER_SENDS, "no WebSocket is served under this path"),
  SERVER_CLOSING: refusal("SERVER_CLOSING", 503, SERVER_SENDS, "the server is closing"),
  SERVER_FAILED: refusal("SERVER_FAILED", 500, SERVER_SENDS, "the server failed while it judged the request"),
});

/** Refusals without an answer, since none could be sent. */
export const UnansweredRefusals = Object.freeze({
  TLS_FAILED: refusal("TLS_FAILED", 0, SERVER_SENDS, "the TLS handshake failed"),
});
