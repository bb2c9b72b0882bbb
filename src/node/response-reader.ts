import { ConnectError, ConnectFailures } from "../errors.ts";
import { headLimit } from "../handshake/head-limits.ts";
import { type HeadLimits, HeadReader, isRefusal, parseResponseHead, type ResponseHead } from "../handshake/index.ts";

/** Interim responses that are skipped: more than any server has a use for. */
const MAX_INTERIM = 16;

export interface ResponseReading {
  readonly head: ResponseHead;
  /** What came behind the head. */
  readonly rest: Buffer;
}

/** Reads the head of the final response, past interim ones such as 103 Early Hints (RFC 9110 section 15.2). */
export class ResponseReader {
  readonly #limits: Partial<HeadLimits>;
  readonly #reader: HeadReader;
  #interim = 0;

  /** @throws RangeError when a limit is not a positive integer */
  constructor(limits: Partial<HeadLimits>) {
    headLimit(limits, "maxHeaders");
    this.#limits = limits;
    this.#reader = new HeadReader(limits);
  }

  /** @returns null while more bytes are needed */
  push(chunk: Buffer): ResponseReading | ConnectError | null {
    let bytes = chunk;
    for (;;) {
      const reading = this.#reader.push(bytes);
      if (reading === null) return null;
      if (isRefusal(reading)) return malformed(reading);
      const head = parseResponseHead(reading.head, this.#limits);
      if (isRefusal(head)) return malformed(head);
      if (head.status >= 200 || head.status === 101) return { head, rest: reading.rest };
      if (++this.#interim > MAX_INTERIM) {
        return new ConnectError(ConnectFailures.RESPONSE_TOO_LARGE, `more than ${MAX_INTERIM} interim responses`);
      }
      bytes = reading.rest;
    }
  }
}

function malformed({ status, message }: { readonly status: number; readonly message: string }): ConnectError {
  const tooLarge = status === 431;
  return new ConnectError(tooLarge ? ConnectFailures.RESPONSE_TOO_LARGE : ConnectFailures.RESPONSE_MALFORMED, message);
}
