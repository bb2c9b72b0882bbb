import { copyOf } from "./copy-bytes.ts";
import { decodeUtf8, decodeValidUtf8 } from "./utf8.ts";

/**
 * What a received message is made of. The assembler calls one of these methods for each message, and passes the result
 * on without looking at it.
 */
export interface MessageForm<Message> {
  /**
   * Makes a text message of a range of bytes. They are another's: they must be copied or decoded before this returns.
   *
   * @returns `null` if the bytes are not valid UTF-8 (RFC 6455 section 8.1)
   */
  text(bytes: Buffer, start: number, end: number): Message | null;
  /** Makes a text message of valid UTF-8 that nobody else uses. */
  validText(bytes: Buffer): Message;
  /** Makes a binary message of a range of bytes. They are another's: they must be copied before this returns. */
  binary(bytes: Buffer, start: number, end: number): Message;
  /** Makes a binary message of bytes that nobody else uses. */
  ownedBinary(bytes: Buffer): Message;
}

/** A string for text, a Buffer for binary. */
export const STRING_OR_BUFFER: MessageForm<string | Buffer> = Object.freeze({
  text: decodeUtf8,
  validText: decodeValidUtf8,
  binary: copyOf,
  ownedBinary: (bytes: Buffer) => bytes,
});
