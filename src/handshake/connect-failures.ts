/** The reasons for which a client's attempt fails, in the order of RFC 6455 section 4.1. */
import type { Row } from "../errors.ts";

/**
 * The codes by which an application distinguishes failures. Rules that call for the same reaction share a code; their
 * sections and messages differ.
 */
export type ConnectErrorCode =
  /** The URL cannot be used: the message says which rule it breaks. */
  | "URL_INVALID"
  /** The host name has no address. */
  | "HOST_NOT_FOUND"
  /** The host name could not be resolved for another reason, such as a name server that does not answer. */
  | "LOOKUP_FAILED"
  /** Nothing accepts connections at the address and port. */
  | "CONNECTION_REFUSED"
  /** There is no route to the host. */
  | "HOST_UNREACHABLE"
  /** The system gave up on opening the TCP connection. */
  | "CONNECTION_TIMED_OUT"
  /** The TCP connection could not be opened for another reason: see `error.cause`. */
  | "NO_CONNECTION"
  /**
   * The server's certificate has expired, comes from an unknown authority, is for another name, or was rejected
   * otherwise.
   */
  | "CERTIFICATE_REJECTED"
  /** TLS failed for another reason; for example, the server does not speak TLS. */
  | "TLS_FAILED"
  /** The connection ended before the response was complete. */
  | "CUT_OFF"
  /** `handshakeTimeout` has passed. */
  | "HANDSHAKE_TIMEOUT"
  /** `signal` was aborted: its reason is `error.cause`. */
  | "ABORTED"
  /** The answer is not an HTTP/1.1 response. */
  | "RESPONSE_MALFORMED"
  /** The response exceeds `maxHeadBytes` or `maxHeaders`, or too many interim responses precede it. */
  | "RESPONSE_TOO_LARGE"
  /** The server answered with another status: see `error.response`. */
  | "STATUS_NOT_101"
  /** The `Upgrade` of the response is not "websocket". */
  | "UPGRADE_WRONG"
  /** The `Connection` of the response lacks "Upgrade". */
  | "CONNECTION_WRONG"
  /** The `Sec-WebSocket-Accept` of the response does not match the key. */
  | "ACCEPT_WRONG"
  /** The response names an extension that was not offered. */
  | "EXTENSION_NOT_REQUESTED"
  /** The `Sec-WebSocket-Extensions` of the response breaks its grammar. */
  | "EXTENSIONS_MALFORMED"
  /** The response uses an extension in a way that was not offered. */
  | "EXTENSION_ANSWER_INVALID"
  /** The response names a subprotocol that was not offered. */
  | "SUBPROTOCOL_NOT_REQUESTED"
  /** The response names none of the subprotocols that a `WebSocket` has offered. `connect()` accepts that. */
  | "SUBPROTOCOL_MISSING";

/** Why an attempt fails. */
export interface ConnectFailure extends Row {
  readonly code: ConnectErrorCode;
  readonly kind: "connectFailure";
}

/** Why a client fails on a response. */
export interface ResponseFailure {
  readonly failure: ConnectFailure;
  /** What was wrong with this response, for the message of an error; may be empty. It may quote the server. */
  readonly detail: string;
}

function row(code: ConnectErrorCode, section: string, message: string): ConnectFailure {
  return Object.freeze({ kind: "connectFailure", code, section, message });
}

const URIS = "RFC 6455 section 3";
const CLIENT = "RFC 6455 section 4.1";
const BROWSERS = "WHATWG WebSockets, opening handshake";
const EXTENSIONS = "RFC 6455 section 9.1";
const LINES = "RFC 9112 section 2.2";
const STATUS_LINE = "RFC 9112 section 4";
const FIELDS = "RFC 9112 section 5";
const FIELD_LIMITS = "RFC 9110 section 5.4";

const UrlFailures = {
  URL_UNPARSEABLE: row("URL_INVALID", URIS, "the URL is not a valid absolute URL, such as ws://example.com/chat"),
  URL_HTTP: row("URL_INVALID", URIS, "the scheme of the URL is http:, use ws: instead"),
  URL_HTTPS: row("URL_INVALID", URIS, "the scheme of the URL is https:, use wss: instead"),
  URL_SCHEME_UNKNOWN: row("URL_INVALID", URIS, 'the scheme of the URL is neither "ws:" nor "wss:"'),
  URL_HOST_MISSING: row("URL_INVALID", URIS, "the URL has no host"),
  URL_FRAGMENT: row("URL_INVALID", URIS, "the URL has a fragment (#...), which a WebSocket URL must not have"),
} as const;

const NetworkFailures = {
  HOST_NOT_FOUND: row("HOST_NOT_FOUND", CLIENT, "the host name has no address"),
  LOOKUP_FAILED: row("LOOKUP_FAILED", CLIENT, "the host name could not be resolved"),
  CONNECTION_REFUSED: row("CONNECTION_REFUSED", CLIENT, "the TCP connection was refused"),
  HOST_UNREACHABLE: row("HOST_UNREACHABLE", CLIENT, "the host cannot be reached from here"),
  CONNECTION_TIMED_OUT: row("CONNECTION_TIMED_OUT", CLIENT, "the host does not answer"),
  NO_CONNECTION: row("NO_CONNECTION", CLIENT, "the connection could not be opened"),
  CERTIFICATE_EXPIRED: row("CERTIFICATE_REJECTED", CLIENT, "the certificate of the server has expired"),
  CERTIFICATE_NOT_YET_VALID: row("CERTIFICATE_REJECTED", CLIENT, "the certificate of the server is not valid yet"),
  CERTIFICATE_UNTRUSTED: row(
    "CERTIFICATE_REJECTED",
    CLIENT,
    "the certificate of the server is not from an authority that is trusted here (tls: { ca } adds one)",
  ),
  CERTIFICATE_OF_ANOTHER_NAME: row("CERTIFICATE_REJECTED", CLIENT, "the certificate of the server is for another name"),
  CERTIFICATE_REJECTED: row("CERTIFICATE_REJECTED", CLIENT, "the certificate of the server was rejected"),
  TLS_NOT_SPOKEN: row("TLS_FAILED", CLIENT, "the server does not speak TLS on this port (without TLS, use a ws: URL)"),
  TLS_FAILED: row("TLS_FAILED", CLIENT, "the TLS connection failed"),
  CUT_OFF: row("CUT_OFF", CLIENT, "the connection ended before the handshake was complete"),
  HANDSHAKE_TIMEOUT: row("HANDSHAKE_TIMEOUT", CLIENT, "the handshake was not complete within handshakeTimeout"),
  ABORTED: row("ABORTED", CLIENT, "the attempt was aborted by its signal"),
} as const;

const HeadFailures = {
  RESPONSE_NOT_HTTP: row("RESPONSE_MALFORMED", STATUS_LINE, "the response is not HTTP/1.1"),
  STATUS_LINE_INVALID: row(
    "RESPONSE_MALFORMED",
    STATUS_LINE,
    "the status line is not HTTP/1.x, a status of three digits and a reason, separated by single spaces",
  ),
  STATUS_LINE_BAD_BYTE: row("RESPONSE_MALFORMED", STATUS_LINE, "the status line has a control character"),
  STATUS_LINE_TOO_LONG: row(
    "RESPONSE_TOO_LARGE",
    "RFC 9110 section 2.3",
    "the status line is longer than maxHeadBytes",
  ),
  LINE_END_INVALID: row("RESPONSE_MALFORMED", LINES, "the head of the response has a bare CR or LF"),
  SPACE_BEFORE_FIELDS: row("RESPONSE_MALFORMED", LINES, "white space follows the status line of the response"),
  FIELD_WITHOUT_COLON: row("RESPONSE_MALFORMED", FIELDS, "a header field of the response has no colon"),
  FIELD_NAME_INVALID: row("RESPONSE_MALFORMED", FIELDS, "the name of a header field of the response is not a token"),
  FIELD_NAME_BAD_BYTE: row(
    "RESPONSE_MALFORMED",
    FIELDS,
    "the name of a header field of the response has a control character",
  ),
  FIELD_VALUE_BAD_BYTE: row(
    "RESPONSE_MALFORMED",
    "RFC 9110 section 5.5",
    "the value of a header field of the response has a control character",
  ),
  FIELD_SPACE_BEFORE_COLON: row(
    "RESPONSE_MALFORMED",
    "RFC 9112 section 5.1",
    "there is white space between the name of a header field of the response and its colon",
  ),
  RESPONSE_TOO_LARGE: row("RESPONSE_TOO_LARGE", FIELD_LIMITS, "the head of the response is longer than maxHeadBytes"),
  RESPONSE_TOO_MANY_FIELDS: row(
    "RESPONSE_TOO_LARGE",
    FIELD_LIMITS,
    "the response has more header fields than maxHeaders",
  ),
  RESPONSE_TOO_MANY_INTERIM: row(
    "RESPONSE_TOO_LARGE",
    "RFC 9110 section 15.2",
    "too many interim responses precede the response",
  ),
} as const;

const CheckFailures = {
  STATUS_NOT_101: row("STATUS_NOT_101", CLIENT, "the server did not switch protocols"),
  SWITCHED_IN_HTTP_1_0: row(
    "RESPONSE_MALFORMED",
    "RFC 6455 section 4.2.2",
    "the server switched protocols in HTTP/1.0, which has no status 101",
  ),
  UPGRADE_WRONG: row("UPGRADE_WRONG", CLIENT, 'the Upgrade header field of the response is not "websocket"'),
  CONNECTION_WRONG: row(
    "CONNECTION_WRONG",
    CLIENT,
    'the Connection header field of the response lacks the token "Upgrade"',
  ),
  ACCEPT_WRONG: row(
    "ACCEPT_WRONG",
    CLIENT,
    "the Sec-WebSocket-Accept of the response does not match the key that was sent",
  ),
  DUPLICATE_ACCEPT: row(
    "ACCEPT_WRONG",
    "RFC 6455 section 11.3.3",
    "the response has more than one Sec-WebSocket-Accept header field",
  ),
  EXTENSION_NOT_REQUESTED: row(
    "EXTENSION_NOT_REQUESTED",
    CLIENT,
    "the server uses an extension that was not requested",
  ),
  EXTENSIONS_MALFORMED: row(
    "EXTENSIONS_MALFORMED",
    EXTENSIONS,
    "the Sec-WebSocket-Extensions of the response does not follow its grammar",
  ),
  EXTENSION_ANSWER_INVALID: row(
    "EXTENSION_ANSWER_INVALID",
    EXTENSIONS,
    "the server does not use an extension as it was offered",
  ),
  SUBPROTOCOL_NOT_REQUESTED: row(
    "SUBPROTOCOL_NOT_REQUESTED",
    CLIENT,
    "the server chose a subprotocol that was not requested",
  ),
  DUPLICATE_SUBPROTOCOL: row(
    "SUBPROTOCOL_NOT_REQUESTED",
    "RFC 6455 section 11.3.4",
    "the response has more than one Sec-WebSocket-Protocol header field",
  ),
  SUBPROTOCOL_MISSING: row(
    "SUBPROTOCOL_MISSING",
    BROWSERS,
    "the server chose none of the subprotocols that were requested",
  ),
} as const;

/** All reasons for which an attempt fails. */
export const ConnectFailures = Object.freeze({
  ...UrlFailures,
  ...NetworkFailures,
  ...HeadFailures,
  ...CheckFailures,
});
