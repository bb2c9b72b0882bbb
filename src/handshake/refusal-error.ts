import { sentence } from "../errors.ts";
import type { Refusal } from "./refusals.ts";

/**
 * Why a server refused a request. `refuse()` makes one: an `authenticate` hook that throws or returns it refuses the
 * request with it. The event `"refused"` reports it.
 *
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { once } from "node:events";
 * import { connect, RefusalError, WebSocketServer } from "tautline";
 *
 * const server = new WebSocketServer({ port: 0, authenticate: () => false });
 * await once(server, "listening");
 * const refused = once(server, "refused");
 * await assert.rejects(connect(`ws://localhost:${server.address().port}`));
 *
 * const [error] = await refused;
 * assert(error instanceof RefusalError);
 * assert.deepEqual([error.code, error.status], ["NOT_AUTHENTICATED", 401]);
 * await server.close();
 * ```
 */
export class RefusalError extends Error implements Refusal {
  override readonly name = "RefusalError";
  readonly kind = "refusal";
  /** What was wrong: a name to compare with, stable across releases. */
  readonly code: string;
  /** The rule that was broken, such as "RFC 6455 section 4.2.1". */
  readonly section: string;
  /** The HTTP status of the response; 0 for a failed TLS handshake, which gets no response. */
  readonly status: number;
  /** Header fields of the response besides those of every refusal. Each value of a list is sent on its own line. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;

  constructor(row: Refusal, detail = "", options?: ErrorOptions) {
    super(sentence(row, detail), options);
    this.code = row.code;
    this.section = row.section;
    this.status = row.status;
    this.headers = row.headers;
  }
}
