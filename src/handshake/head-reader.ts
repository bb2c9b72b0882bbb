import { type HeadLimits, headLimit } from "../http/head-limits.ts";
import { HeadScanner } from "../http/head-scanner.ts";
import { refusalFor } from "./head-refusal.ts";
import { receivedBytes } from "./received-bytes.ts";
import type { Refusal } from "./refusals.ts";

/**
 * Reads the head of a request as text, in chunks of any size, for `parseRequestHead()`. `RequestReader` does both steps;
 * `ResponseReader` reads a response.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { HeadReader, isRefusal, parseRequestHead } from "tautline/handshake";
 *
 * const found = new HeadReader().push(Buffer.from("GET /chat HTTP/1.1\r\nHost: a\r\n\r\nrest"));
 * if (found === null || isRefusal(found)) assert.fail();
 * assert.equal(found.rest.toString(), "rest");
 * assert.equal(isRefusal(parseRequestHead(found.head)), false);
 * ```
 */
export class HeadReader {
  readonly #scanner: HeadScanner;

  /** @throws RangeError or TypeError OPTION_INVALID unless each limit is a whole number of at least 1 */
  constructor(limits: Partial<HeadLimits> = {}) {
    headLimit(limits, "maxHeaders");
    this.#scanner = new HeadScanner(limits);
  }

  /** @returns null if more bytes are needed; a refusal again for each further chunk */
  push(chunk: Uint8Array): { readonly head: string; readonly rest: Buffer } | Refusal | null {
    const found = this.#scanner.push(receivedBytes(chunk));
    if (found === null) return null;
    return "rule" in found ? refusalFor(found) : { head: found.text, rest: found.rest };
  }
}
