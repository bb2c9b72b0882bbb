import { type Violation, Violations } from "../../framing/violations.ts";

/** Compressed bytes that a message may have beside `INPUT_TO_OUTPUT` for each byte that it expands to. */
const FREE_INPUT = 8192;
const INPUT_TO_OUTPUT = 16;
/** Final blocks that a message may have beside one for so many compressed bytes: the context starts again behind each. */
const FREE_RESTARTS = 8;
const INPUT_TO_RESTART = 64;

/**
 * The bounds of one message while it is inflated: how long it may become, and how much work it may be for what comes
 * out (RFC 6455 section 10.4). Empty blocks put nothing out, so that a limit on the output alone never sees them.
 */
export class InflateMeter {
  readonly #maxPayload: number;
  #input = 0;
  #output = 0;
  #restarts = 0;

  constructor(maxPayload: number) {
    this.#maxPayload = maxPayload;
  }

  /** @returns the rule that the message breaks by these further bytes, or `null` */
  count(input: number, output: number): Violation | null {
    this.#input += input;
    this.#output += output;
    if (this.#output > this.#maxPayload) return Violations.MESSAGE_TOO_BIG;
    return this.#input > FREE_INPUT + INPUT_TO_OUTPUT * this.#output ? Violations.DEFLATE_WASTEFUL : null;
  }

  /** A final block has ended and the message has not. */
  countRestart(): Violation | null {
    return ++this.#restarts > FREE_RESTARTS + this.#input / INPUT_TO_RESTART ? Violations.DEFLATE_WASTEFUL : null;
  }
}
