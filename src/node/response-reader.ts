import { ConnectFailures, type ResponseFailure } from "../handshake/connect-failures.ts";
import { responseFailure } from "../handshake/head-fault.ts";
import { headLimit } from "../handshake/head-limits.ts";
import { HeadScanner } from "../handshake/head-scanner.ts";
import { type HeadLimits, parseResponseHead, type ResponseHead } from "../handshake/index.ts";
import { ResponseStart } from "../handshake/response-start.ts";

/** The most interim responses that are skipped: more than any server needs. */
const MAX_INTERIM = 16;

export interface ResponseReading {
  readonly head: ResponseHead;
  /** The bytes behind the head. */
  readonly rest: Buffer;
}

/** Reads the head of the final response, past interim ones such as 103 Early Hints (RFC 9110 section 15.2). */
export class ResponseReader {
  readonly #limits: Partial<HeadLimits>;
  readonly #scanner: HeadScanner;
  #start = new ResponseStart();
  #interim = 0;

  /** @throws RangeError when a limit is not a positive integer */
  constructor(limits: Partial<HeadLimits>) {
    headLimit(limits, "maxHeaders");
    this.#limits = limits;
    this.#scanner = new HeadScanner(limits);
  }

  /** Whether a byte of a response has arrived. */
  get hasBegun(): boolean {
    return this.#interim > 0 || this.#start.hasBegun;
  }

  /** @returns null while more bytes are needed */
  push(chunk: Buffer): ResponseReading | ResponseFailure | null {
    let bytes = chunk;
    for (;;) {
      const other = this.#start.push(bytes);
      if (other !== null) return { failure: ConnectFailures.RESPONSE_NOT_HTTP, detail: other };
      const found = this.#scanner.push(bytes);
      if (found === null) return null;
      if ("rule" in found) return responseFailure(found);
      const head = parseResponseHead(found.head, this.#limits);
      if ("failure" in head) return head;
      if (!isInterim(head)) return { head, rest: found.rest };
      if (++this.#interim > MAX_INTERIM) {
        return { failure: ConnectFailures.RESPONSE_TOO_MANY_INTERIM, detail: `more than ${MAX_INTERIM}` };
      }
      this.#start = new ResponseStart();
      bytes = found.rest;
    }
  }
}

/** A status below 100 is invalid, and counts as final (RFC 9110 section 15). */
function isInterim({ status }: ResponseHead): boolean {
  return status >= 100 && status < 200 && status !== 101;
}
