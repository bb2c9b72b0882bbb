/** What the tables of errors have in common. Each table lives with the code that uses it. */

/** The table that a row belongs to. */
export type RowKind = "violation" | "loss" | "refusal" | "connectFailure";

/** Something that can go wrong. A row never changes and carries no state, so pure code returns it as a plain value. */
export interface Row {
  readonly kind: RowKind;
  /** A name to compare with, stable across releases. */
  readonly code: string;
  /** The rule, such as "RFC 6455 section 5.2". */
  readonly section: string;
  /** What was wrong, in one sentence without a full stop. */
  readonly message: string;
}

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
