import { copyOf } from "./copy-bytes.ts";
import { decodeUtf8, decodeValidUtf8 } from "./utf8.ts";

/**
 * Makes the messages of a `MessageAssembler`. One of these methods is called for each message, and its result is passed
 * on unchanged.
 */
export interface MessageForm<Message> {
  /**
   * Makes a text message of the bytes from `start` to `end`. They change after the call: they must be decoded or copied.
   *
   * @returns `null` if the bytes are not valid UTF-8 (RFC 6455 section 8.1)
   */
  text(bytes: Buffer, start: number, end: number): Message | null;
  /** Makes a text message of valid UTF-8. The bytes belong to the message. */
  validText(bytes: Buffer): Message;
  /** Makes a binary message of the bytes from `start` to `end`. They change after the call: they must be copied. */
  binary(bytes: Buffer, start: number, end: number): Message;
  /** Makes a binary message of bytes that belong to it. */
  ownedBinary(bytes: Buffer): Message;
}

/**
 * Makes a string of a text message and a Buffer of a binary one (RFC 6455 section 5.6).
 *
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { STRING_OR_BUFFER } from "tautline/framing";
 *
 * assert.equal(STRING_OR_BUFFER.text(Buffer.from("5 €"), 0, 5), "5 €");
 * assert.equal(STRING_OR_BUFFER.text(Buffer.from([0xff]), 0, 1), null);
 * assert.deepEqual(STRING_OR_BUFFER.binary(Buffer.from("abc"), 1, 3), Buffer.from("bc"));
 * ```
 */
export const STRING_OR_BUFFER: MessageForm<string | Buffer> = Object.freeze({
  text: decodeUtf8,
  validText: decodeValidUtf8,
  binary: copyOf,
  ownedBinary: (bytes: Buffer) => bytes,
});
