import type { HeadFault, RequestRule } from "../http/head-fault.ts";
import { type HeadLimits, headLimit } from "../http/head-limits.ts";
import { HeadScanner } from "../http/head-scanner.ts";
import { parseRequest, type RequestHead } from "../http/request-head.ts";
import { refusalFor } from "./head-refusal.ts";
import { receivedBytes } from "./received-bytes.ts";
import type { Refusal } from "./refusals.ts";

/** The head of a request, and the bytes behind it. */
export interface RequestReading {
  /** Well-formed, but not judged: see `judgeRequest()`. */
  readonly head: RequestHead;
  /** A view of the bytes that followed the head in the last chunk; may be empty. */
  readonly rest: Buffer;
}

/**
 * Reads the head of a request on a server, in chunks of any size (RFC 9112 sections 2.2, 3 and 5).
 *
 * Lines end with CRLF only, and folded lines are refused: recipients that differ in this allow requests to be smuggled.
 * A fault is reported as soon as it is found, and again for each further chunk.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { formatRefusal, isRefusal, RequestReader } from "tautline/handshake";
 *
 * const reader = new RequestReader({ maxHeadBytes: 8_192, maxHeaders: 50 });
 * assert.equal(reader.push(Buffer.from("GET /chat HTTP/1.1\r\nHost: example")), null);
 * const reading = reader.push(Buffer.from(".com\r\n\r\n"));
 * if (reading === null || isRefusal(reading)) assert.fail();
 * assert.equal(reading.head.target, "/chat");
 * assert.equal(reading.head.fields.get("host"), "example.com");
 *
 * const refusal = new RequestReader().push(Buffer.from("GET /chat HTTP/1.1\r\nHost: a\0"));
 * if (!isRefusal(refusal)) assert.fail();
 * assert.equal(refusal.section, "RFC 9110 section 5.5");
 * assert.match(formatRefusal(refusal), /^HTTP\/1\.1 400 Bad Request\r\n/);
 * ```
 */
export class RequestReader {
  readonly #limits: Partial<HeadLimits>;
  readonly #scanner: HeadScanner;
  #refusal: Refusal | null = null;

  /**
   * @param limits `maxHeadBytes`, 16,384 by default, and `maxHeaders`, 100 by default
   * @throws RangeError or TypeError OPTION_INVALID unless each limit is a whole number of at least 1
   */
  constructor(limits: Partial<HeadLimits> = {}) {
    headLimit(limits, "maxHeaders");
    this.#limits = limits;
    this.#scanner = new HeadScanner(limits);
  }

  /**
   * Takes the next bytes and copies those that it needs later.
   *
   * @returns null if more bytes are needed
   * @throws TypeError ARGUMENT_INVALID for anything but bytes, such as a string
   */
  push(chunk: Uint8Array): RequestReading | Refusal | null {
    if (this.#refusal !== null) return this.#refusal;
    const found = this.#scanner.push(receivedBytes(chunk));
    if (found === null) return null;
    if ("rule" in found) return this.#refuse(found);
    const head = parseRequest(found.text, this.#limits);
    return "rule" in head ? this.#refuse(head) : { head, rest: found.rest };
  }

  #refuse(fault: HeadFault<RequestRule>): Refusal {
    this.#refusal = refusalFor(fault);
    return this.#refusal;
  }
}

/**
 * Parses the head of a request that is already a string. `RequestReader` reads one from bytes.
 *
 * @param text the request line and the field lines, separated by CRLF, without the empty line that ends the head, one
 *   character per byte (latin1)
 * @param limits `maxHeaders`, 100 by default
 * @throws RangeError or TypeError OPTION_INVALID unless `maxHeaders` is a whole number of at least 1
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { isRefusal, parseRequestHead } from "tautline/handshake";
 *
 * const head = parseRequestHead("GET /chat?room=1 HTTP/1.1\r\nHost: example.com");
 * if (isRefusal(head)) assert.fail();
 * assert.equal(head.method, "GET");
 *
 * const refusal = parseRequestHead("GET /chat");
 * assert.ok(isRefusal(refusal));
 * assert.equal(refusal.code, "REQUEST_LINE_INVALID");
 * ```
 */
export function parseRequestHead(text: string, limits: Partial<HeadLimits> = {}): RequestHead | Refusal {
  const head = parseRequest(text, limits);
  return "rule" in head ? refusalFor(head) : head;
}
