import { sentence } from "../errors.ts";
import type { Refusal } from "./refusals.ts";

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
