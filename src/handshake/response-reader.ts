import type { HeadFault } from "../http/head-fault.ts";
import { type HeadLimits, headLimit } from "../http/head-limits.ts";
import { type HeadFound, HeadScanner } from "../http/head-scanner.ts";
import { quoted } from "../http/quoted.ts";
import { parseResponse, type ResponseHead } from "../http/response-head.ts";
import { type OtherProtocol, ResponseStart } from "../http/response-start.ts";
import { ConnectFailures, type ResponseFailure } from "./connect-failures.ts";
import { failureFor } from "./head-failure.ts";
import { receivedBytes } from "./received-bytes.ts";

/** The largest number of interim responses that are skipped. No server needs more. */
const MAX_INTERIM = 16;

/** The head of the final response, and the bytes behind it. */
export interface ResponseReading {
  /** Well-formed, but not checked: see `checkResponse()`. */
  readonly head: ResponseHead;
  /** A view of the bytes that followed the head in the last chunk; may be empty. */
  readonly rest: Buffer;
}

/**
 * Reads the head of the final response on a client, in chunks of any size (RFC 9112 sections 2.2, 4 and 5). It skips up
 * to 16 interim responses, such as 103 Early Hints (RFC 9110 section 15.2).
 *
 * A folded line is joined to the previous one (RFC 9112 section 5.2). A fault is reported as soon as it is found, and
 * again for each further chunk. Another protocol is recognized by its first bytes.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { ResponseReader } from "tautline/handshake";
 *
 * const reader = new ResponseReader({ maxHeadBytes: 8_192, maxHeaders: 50 });
 * assert.equal(reader.push(Buffer.from("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 101 Switching")), null);
 * const reading = reader.push(Buffer.from(" Protocols\r\nUpgrade: websocket\r\n\r\n"));
 * if (reading === null || "failure" in reading) assert.fail();
 * assert.equal(reading.head.status, 101);
 * assert.equal(reading.head.fields.get("upgrade"), "websocket");
 *
 * const failed = new ResponseReader().push(Buffer.from("HTTP/1.1 101 Switching Protocols\r\nUpgrade: a\0"));
 * if (failed === null || !("failure" in failed)) assert.fail();
 * assert.equal(failed.failure.code, "RESPONSE_MALFORMED");
 * assert.equal(failed.failure.section, "RFC 9110 section 5.5");
 * assert.equal(failed.detail, '"Upgrade: a\\x00"');
 * ```
 */
export class ResponseReader {
  readonly #limits: Partial<HeadLimits>;
  readonly #scanner: HeadScanner;
  #start = new ResponseStart();
  #interim = 0;
  #failure: ResponseFailure | null = null;

  /**
   * @param limits `maxHeadBytes`, 16,384 by default, and `maxHeaders`, 100 by default, for each response
   * @throws RangeError or TypeError OPTION_INVALID unless each limit is a whole number of at least 1
   */
  constructor(limits: Partial<HeadLimits> = {}) {
    headLimit(limits, "maxHeaders");
    this.#limits = limits;
    this.#scanner = new HeadScanner(limits);
  }

  /** Whether a byte of a response has arrived. */
  get hasBegun(): boolean {
    return this.#interim > 0 || this.#start.hasBegun;
  }

  /**
   * Takes the next bytes and copies those that it needs later.
   *
   * @returns null if more bytes are needed
   * @throws TypeError ARGUMENT_INVALID for anything but bytes, such as a string
   */
  push(chunk: Uint8Array): ResponseReading | ResponseFailure | null {
    let bytes = receivedBytes(chunk);
    while (this.#failure === null) {
      const found = this.#find(bytes);
      if (found === null) return null;
      if ("failure" in found) return this.#fail(found);
      const head = parseResponse(found.text, this.#limits);
      if ("rule" in head) return this.#fail(failureFor(head));
      if (!isInterim(head)) return { head, rest: found.rest };
      if (++this.#interim > MAX_INTERIM) return this.#fail(tooManyInterim());
      this.#start = new ResponseStart();
      bytes = found.rest;
    }
    return this.#failure;
  }

  #find(bytes: Buffer): HeadFound | ResponseFailure | null {
    const other = this.#start.push(bytes);
    if (other !== null) return { failure: ConnectFailures.RESPONSE_NOT_HTTP, detail: described(other) };
    const found: HeadFound | HeadFault | null = this.#scanner.push(bytes);
    return found !== null && "rule" in found ? failureFor(found) : found;
  }

  #fail(failure: ResponseFailure): ResponseFailure {
    this.#failure = failure;
    return failure;
  }
}

/** A status below 100 is invalid and counts as final (RFC 9110 section 15). */
function isInterim({ status }: ResponseHead): boolean {
  return status >= 100 && status < 200 && status !== 101;
}

function tooManyInterim(): ResponseFailure {
  return { failure: ConnectFailures.RESPONSE_TOO_MANY_INTERIM, detail: `more than ${MAX_INTERIM}` };
}

function described({ name, bytes }: OtherProtocol): string {
  const advice = name === "TLS" ? `${name}: use a wss: URL` : name;
  return `it begins with ${quoted(bytes)}${advice === null ? "" : ` (${advice})`}`;
}

/**
 * Parses the head of a response that is already a string. `ResponseReader` reads one from bytes.
 *
 * @param text the status line and the field lines, separated by CRLF, without the empty line that ends the head, one
 *   character per byte (latin1)
 * @param limits `maxHeaders`, 100 by default
 * @throws RangeError or TypeError OPTION_INVALID unless `maxHeaders` is a whole number of at least 1
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseResponseHead } from "tautline/handshake";
 *
 * const head = parseResponseHead("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket");
 * if ("failure" in head) assert.fail();
 * assert.equal(head.status, 101);
 *
 * const failed = parseResponseHead("HTTP/1.1 OK");
 * if (!("failure" in failed)) assert.fail();
 * assert.equal(failed.failure.code, "RESPONSE_MALFORMED");
 * ```
 */
export function parseResponseHead(text: string, limits: Partial<HeadLimits> = {}): ResponseHead | ResponseFailure {
  const head = parseResponse(text, limits);
  return "rule" in head ? failureFor(head) : head;
}
