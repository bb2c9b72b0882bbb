import { sentence } from "../errors.ts";
import type { ConnectErrorCode, ConnectFailure } from "../handshake/connect-failures.ts";
import type { ResponseHeaders } from "../http/header-fields.ts";

/** The response of a server that did not answer with 101. */
export interface RefusingResponse {
  readonly status: number;
  readonly reason: string;
  readonly headers: ResponseHeaders;
}

/**
 * Why `connect()` was rejected. `cause` is the error of node below it, if there is one.
 *
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { ConnectError, connect } from "tautline";
 *
 * await assert.rejects(connect("ws://localhost:1/"), (error) => {
 *   assert(error instanceof ConnectError);
 *   assert.equal(error.code, "CONNECTION_REFUSED");
 *   return error.response === null;
 * });
 * ```
 */
export class ConnectError extends Error {
  override readonly name = "ConnectError";
  /** The name of the failure, stable across releases. docs/connect-errors.md lists all. */
  readonly code: ConnectErrorCode;
  /** The rule that was broken, such as "RFC 6455 section 4.1". */
  readonly section: string;
  /** The server's response, if it was an HTTP response with another status than 101. */
  readonly response: RefusingResponse | null;

  constructor(row: ConnectFailure, detail = "", options?: ErrorOptions & { response?: RefusingResponse }) {
    super(sentence(row, detail), options);
    this.code = row.code;
    this.section = row.section;
    this.response = options?.response ?? null;
  }
}
