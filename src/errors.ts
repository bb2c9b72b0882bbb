/**
 * Everything that can go wrong between two peers, in tables: each row has its code, the section of the
 * standard that it breaks and one sentence. A row never changes and carries no state, so the pure rooms
 * return it as a plain value; only the connection and the handshake turn it into bytes and errors.
 * handshake/connect-failures.ts has the table of a client's attempts to connect.
 */

export interface Row {
  /** A name to compare with, stable across releases. */
  readonly code: string;
  /** Where the rule stands, such as "RFC 6455 section 5.2". */
  readonly section: string;
  /** What was wrong, in one sentence without a full stop. */
  readonly message: string;
}

/** A rule broken on an open connection, or work that we cannot do: the connection fails with `closeCode` (RFC 6455 section 7.1.7). */
export interface Violation extends Row {
  readonly closeCode: 1002 | 1003 | 1007 | 1008 | 1009 | 1011;
}

/** A request that the server refuses: it is answered with the HTTP status. */
export interface Refusal extends Row {
  /** 0 if no answer can be sent. */
  readonly status: number;
  /** Header fields that the status calls for, such as `Allow` for 405; a list has a line for each value. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
}

/** A connection that ended in another way than by the closing handshake or a violation. */
export interface ConnectionLoss extends Row {
  readonly failure: "connection";
}

const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze({});

function violation(code: string, closeCode: Violation["closeCode"], section: string, message: string): Violation {
  return Object.freeze({ code, closeCode, section, message });
}

function refusal(code: string, status: number, section: string, message: string, headers = NO_HEADERS): Refusal {
  return Object.freeze({ code, status, section, message, headers: Object.freeze(headers) });
}

function connectionLoss(code: string, section: string, message: string): ConnectionLoss {
  return Object.freeze({ code, section, message, failure: "connection" });
}

const FRAMING = "RFC 6455 section 5.2";
const MASKING = "RFC 6455 section 5.1";
const FRAGMENTATION = "RFC 6455 section 5.4";
const CONTROL = "RFC 6455 section 5.5";
const CLOSE = "RFC 6455 section 5.5.1";
const STATUS_CODES = "RFC 6455 section 7.4";
const UTF8 = "RFC 6455 section 8.1";
const LIMITS = "RFC 6455 section 10.4";

export const Violations = Object.freeze({
  RESERVED_BITS: violation("RESERVED_BITS", 1002, FRAMING, "a reserved bit is set that no negotiated extension uses"),
  RESERVED_BITS_ON_CONTINUATION: violation(
    "RESERVED_BITS_ON_CONTINUATION",
    1002,
    "RFC 7692 section 6.1",
    "a reserved bit is set on a fragment that is not a message's first",
  ),
  RESERVED_OPCODE: violation("RESERVED_OPCODE", 1002, FRAMING, "the opcode is reserved"),
  LENGTH_NOT_MINIMAL: violation(
    "LENGTH_NOT_MINIMAL",
    1002,
    FRAMING,
    "the payload length is not encoded in the fewest bytes",
  ),
  LENGTH_HIGH_BIT: violation(
    "LENGTH_HIGH_BIT",
    1002,
    FRAMING,
    "the most significant bit of the 64-bit payload length is set",
  ),
  LENGTH_UNSAFE: violation(
    "LENGTH_UNSAFE",
    1009,
    LIMITS,
    "the payload length is past 2^53 - 1, more than can be counted exactly",
  ),
  MASK_MISSING: violation("MASK_MISSING", 1002, MASKING, "a frame from the client is not masked"),
  MASK_UNEXPECTED: violation("MASK_UNEXPECTED", 1002, MASKING, "a frame from the server is masked"),
  CONTROL_TOO_LONG: violation("CONTROL_TOO_LONG", 1002, CONTROL, "a control frame is longer than 125 bytes"),
  CONTROL_FRAGMENTED: violation("CONTROL_FRAGMENTED", 1002, CONTROL, "a control frame is fragmented"),
  CONTINUATION_UNEXPECTED: violation(
    "CONTINUATION_UNEXPECTED",
    1002,
    FRAGMENTATION,
    "a continuation frame comes while no message is open",
  ),
  CONTINUATION_MISSING: violation(
    "CONTINUATION_MISSING",
    1002,
    FRAGMENTATION,
    "a new message begins before the fragmented one has ended",
  ),
  EMPTY_FRAGMENTS: violation(
    "EMPTY_FRAGMENTS",
    1008,
    LIMITS,
    "a message has far more empty fragments than bytes of payload",
  ),
  MESSAGE_TOO_BIG: violation("MESSAGE_TOO_BIG", 1009, LIMITS, "the message is longer than maxPayload"),
  TEXT_NOT_UTF8: violation("TEXT_NOT_UTF8", 1007, UTF8, "a text message is not valid UTF-8"),
  DEFLATE_CORRUPT: violation(
    "DEFLATE_CORRUPT",
    1007,
    "RFC 7692 section 7.2.2",
    "a compressed message is not valid DEFLATE data, or breaks off",
  ),
  DEFLATE_WASTEFUL: violation(
    "DEFLATE_WASTEFUL",
    1008,
    LIMITS,
    "a compressed message has far more bytes than what it expands to",
  ),
  EXTENSION_FAILED: violation(
    "EXTENSION_FAILED",
    1011,
    "RFC 6455 section 7.4.1",
    "an extension failed while it worked on a message",
  ),
  MESSAGES_DISCARDED: violation(
    "MESSAGES_DISCARDED",
    1011,
    "RFC 6455 section 7.4.1",
    "messages were discarded, since more than maxQueuedAmount waited and nobody listened: call pause() to keep them",
  ),
  CLOSE_TOO_SHORT: violation("CLOSE_TOO_SHORT", 1002, CLOSE, "the payload of a Close frame is a single byte"),
  CLOSE_CODE_INVALID: violation(
    "CLOSE_CODE_INVALID",
    1002,
    STATUS_CODES,
    "a Close frame carries a status code that must not be sent",
  ),
  CLOSE_REASON_NOT_UTF8: violation(
    "CLOSE_REASON_NOT_UTF8",
    1007,
    UTF8,
    "the reason in a Close frame is not valid UTF-8",
  ),
});

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

const ABNORMAL = "RFC 6455 section 7.1.5";

export const ConnectionLosses = Object.freeze({
  CUT_OFF: connectionLoss("CUT_OFF", ABNORMAL, "the connection ended without a Close frame"),
  TRANSPORT_FAILED: connectionLoss("TRANSPORT_FAILED", ABNORMAL, "the transport failed"),
  PEER_DEAD: connectionLoss("PEER_DEAD", "RFC 6455 section 5.5.2", "nothing arrived within pingTimeout after a ping"),
  CLOSE_TIMEOUT: connectionLoss(
    "CLOSE_TIMEOUT",
    "RFC 6455 section 7.1.1",
    "the peer did not finish the closing handshake within closeTimeout",
  ),
  UNSENT_LIMIT: connectionLoss(
    "UNSENT_LIMIT",
    "RFC 6455 section 10.4",
    "more bytes wait to be sent than maxBufferedAmount allows",
  ),
  TERMINATED: connectionLoss("TERMINATED", ABNORMAL, "the connection was ended here by terminate()"),
  NEVER_DRAINED: connectionLoss(
    "NEVER_DRAINED",
    "RFC 6455 section 6.1",
    'the connection is closed: no "drain" follows, and what was not sent is lost',
  ),
});

/**
 * The message of an error. It is one line: a detail may come from a peer or from OpenSSL, and an application's own
 * refusal may quote a request. Neither must add lines to a log or control a terminal.
 *
 * @throws TypeError ARGUMENT_INVALID without a row: applications compare with the classes of errors, and make none
 */
export function sentence(row: Row, detail: string): string {
  if (typeof row?.message !== "string") {
    const message = "the library makes its errors itself: use refuse(status, message) for a refusal";
    throw Object.assign(new TypeError(message), { code: "ARGUMENT_INVALID" });
  }
  const line = oneLine(detail);
  return `${oneLine(row.message)}${line === "" ? "" : `: ${line}`} (${row.section})`;
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").trim();
}

/**
 * Makes an error whose cause is what an application looks for, and whose own stack would show nothing but how a socket
 * told us: to take that costs 4 us, a tenth of a handshake, and thousands of connections may be lost at once.
 */
export function withoutStack<Made extends Error>(make: () => Made): Made {
  const { stackTraceLimit } = Error;
  // Unlike an assignment this does not throw where an application has frozen the built-in objects.
  Reflect.set(Error, "stackTraceLimit", 0);
  try {
    return make();
  } finally {
    Reflect.set(Error, "stackTraceLimit", stackTraceLimit);
  }
}

/** Why an open connection failed. `closeCode` is what the peer was told; 1006 where it could not be told. */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
  readonly code: string;
  readonly section: string;
  readonly closeCode: number;

  constructor(row: Violation | ConnectionLoss, detail = "", options?: ErrorOptions) {
    super(sentence(row, detail), options);
    this.code = row.code;
    this.section = row.section;
    this.closeCode = "closeCode" in row ? row.closeCode : 1006;
  }
}

/** Why the server refused a request; thrown or returned by an `authenticate` hook, it is sent as it stands. */
export class RefusalError extends Error {
  override readonly name = "RefusalError";
  readonly code: string;
  readonly section: string;
  /** The HTTP status of the answer; 0 for a failed TLS handshake, which gets none. */
  readonly status: number;
  /** Header fields of the answer beside those that every refusal has; a list has a line for each value. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;

  constructor(row: Refusal, detail = "", options?: ErrorOptions) {
    super(sentence(row, detail), options);
    this.code = row.code;
    this.section = row.section;
    this.status = row.status;
    this.headers = row.headers;
  }
}
