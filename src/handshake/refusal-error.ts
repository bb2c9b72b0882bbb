import { sentence } from "../errors.ts";
import type { Refusal } from "./refusals.ts";

/** Why a server refused a request. An `authenticate` hook that throws or returns one refuses the request with it. */
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
