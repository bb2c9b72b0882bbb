import { type Violation, Violations } from "../../framing/violations.ts";
import { DeflateViolations } from "./deflate-violations.ts";

/** The compressed bytes that a message may have besides `INPUT_TO_OUTPUT` for each byte of output. */
const FREE_INPUT = 8192;
/** The compressed bytes that each byte of output may have. */
const INPUT_TO_OUTPUT = 16;
/** The final blocks that a message may have besides one for `INPUT_TO_RESTART`: zlib must be reset after each. */
const FREE_RESTARTS = 8;
/** The compressed bytes for which a message may have one final block. */
const INPUT_TO_RESTART = 64;

/**
 * Limits the length of one message while it is inflated, and its work in proportion to its output (RFC 6455 section
 * 10.4). A limit of the length alone would not stop a flood of empty blocks, which produce no output.
 */
export class InflateMeter {
  readonly #maxPayload: number;
  #input = 0;
  #output = 0;
  #restarts = 0;

  /** @param maxPayload the longest inflated message, in bytes */
  constructor(maxPayload: number) {
    this.#maxPayload = maxPayload;
  }

  /**
   * Counts further bytes.
   *
   * @param input the compressed bytes
   * @param output the inflated bytes
   * @returns the rule that the message violates now, or `null`
   */
  count(input: number, output: number): Violation | null {
    this.#input += input;
    this.#output += output;
    if (this.#output > this.#maxPayload) return Violations.MESSAGE_TOO_BIG;
    return this.#input > FREE_INPUT + INPUT_TO_OUTPUT * this.#output ? DeflateViolations.DEFLATE_WASTEFUL : null;
  }

  /** Counts a final block inside the message. @returns the rule that the message violates now, or `null` */
  countRestart(): Violation | null {
    return ++this.#restarts > FREE_RESTARTS + this.#input / INPUT_TO_RESTART
      ? DeflateViolations.DEFLATE_WASTEFUL
      : null;
  }
}
