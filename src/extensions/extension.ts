import type { MessageOpcode } from "../framing/index.ts";
import type { Violation } from "../framing/violations.ts";
import type { ExtensionParam } from "./extension-header.ts";

/** The reserved bit of a message's first frame that an extension uses: RSV1, RSV2, RSV3, or none. */
export type ReservedBit = 0x40 | 0x20 | 0x10 | 0;

/** The options of `send()` for one message. */
export interface SendOptions {
  /** Whether to compress the message. Default: it depends on the length of the message. */
  readonly compress?: boolean | undefined;
}

/**
 * An extension that transforms whole messages (RFC 6455 section 9). One object serves any number of connections, as
 * server and as client. The state of a connection lives in the codec that the negotiation leads to.
 *
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { answerOffers, openPipeline } from "tautline/extensions";
 *
 * // A server's extension that reverses the bytes of each message.
 * const agreed = answerOffers(
 *   [
 *     {
 *       name: "x-reversal",
 *       rsv: 0x10,
 *       offers: () => [[]],
 *       answer: () => ({
 *         params: [],
 *         open: () => ({
 *           encode: (payload) => Buffer.from(payload).reverse(),
 *           decode: (payload) => Buffer.from(payload).reverse(),
 *           close() {},
 *         }),
 *       }),
 *       agree: () => "only a server has this extension",
 *     },
 *   ],
 *   [{ name: "x-reversal", params: [] }],
 * );
 * const pipeline = openPipeline(agreed, 1 << 20);
 * assert(pipeline !== null);
 * const { rsv, payload } = await pipeline.encode(Buffer.from("abc"), 2, {});
 * assert.deepEqual([rsv, payload], [0x10, Buffer.from("cba")]);
 * ```
 */
export interface Extension {
  /** The registered name, a token. */
  readonly name: string;
  /** The bit that its messages have set (RFC 6455 section 5.2); 0 for an extension that transforms every message. */
  readonly rsv: ReservedBit;
  /** The parameters of each offer of a client, the preferred offer first. */
  offers(): readonly (readonly ExtensionParam[])[];
  /** Answers an offer, for a server. @returns `null` to decline it: the client's next offer is tried */
  answer(offer: readonly ExtensionParam[]): NegotiatedExtension | null;
  /** Checks the server's answer, for a client. @returns a string that says what is wrong to fail the connection */
  agree(answer: readonly ExtensionParam[]): NegotiatedExtension | string;
}

/** An extension as both sides have agreed to use it. */
export interface NegotiatedExtension {
  /** The parameters of the server's answer. */
  readonly params: readonly ExtensionParam[];
  /**
   * Makes the codec of one connection.
   *
   * @param maxPayload the longest message that the connection accepts, in bytes
   */
  open(maxPayload: number): MessageCodec;
}

/**
 * Encodes a message once for all connections whose codecs have it as their `sharedEncoder`. It belongs to one
 * extension, whose reserved bit is set on the encoded messages.
 */
export interface SharedEncoder {
  /** Like `encode` of a codec, but the result must not depend on earlier messages. */
  encode(
    payload: Uint8Array,
    opcode: MessageOpcode,
    options: SendOptions,
  ): Uint8Array | null | Promise<Uint8Array | null>;
}

/**
 * Decodes one received message as its bytes come, for `connection.streams()`. The caller gives bytes by `write()`, calls
 * `read()` until it returns `null`, and so on; after the last bytes it calls `end()` and reads until `null` again.
 */
export interface PieceDecoder {
  /** Takes further bytes, at least one. They are to be read or copied before the method returns. */
  write(payload: Buffer): void;
  /** The message has no further bytes. */
  end(): void;
  /**
   * The next piece of the decoded message, of a bounded length and at least one byte, in memory that is read before the
   * next call; a rule that the message breaks; `null` if everything that was written is decoded. At the end that means
   * that the message is whole. Of a promise nothing else is asked until it is settled.
   */
  read(): Uint8Array | Violation | null | Promise<Uint8Array | Violation | null>;
  /** The rest of the message is not wanted: the connection is gone. */
  close(): void;
}

/** Encodes one message to be sent in fragments, as its bytes come, for `connection.sendStream()`. */
export interface PieceEncoder {
  /**
   * Encodes further bytes, so that the peer can decode them without those that follow. The next call comes when this one
   * is done.
   *
   * @param payload not to be changed; empty only if it is the last
   * @param final whether the message ends with it
   * @returns the payload of the next fragment, in memory that is not used again
   */
  encode(payload: Uint8Array, final: boolean): Uint8Array | Promise<Uint8Array>;
  /** The message is broken off, since the connection closes. */
  close(): void;
}

/**
 * The codec of an extension on one connection. In each direction it gets one message at a time: the next one once the
 * result of the last one is known. A method that finishes at once should not return a promise.
 */
export interface MessageCodec {
  /**
   * Transforms a message to be sent.
   *
   * @param payload must not be changed; it stays as it is until the result is known
   * @returns the payload to send with the reserved bit set, in memory that does not change afterwards; `null` to send
   *   the message unchanged, with the bit unset
   */
  encode(
    payload: Uint8Array,
    opcode: MessageOpcode,
    options: SendOptions,
  ): Uint8Array | null | Promise<Uint8Array | null>;
  /**
   * Transforms a received message that has the reserved bit set; every message if the extension uses no bit.
   *
   * @param payload is valid until the method returns: work that goes on afterwards needs a copy
   * @returns the message, or the rule that it violates. Bytes that are returned without a promise are read at once, so
   *   their memory may be used again. The bytes of a promise must not change
   */
  decode(payload: Buffer, opcode: MessageOpcode): Uint8Array | Violation | Promise<Uint8Array | Violation>;
  /**
   * Begins to decode a message in pieces, in the place of `decode()`. It is part of the same order of messages: the next
   * one, in pieces or as a whole, begins when this one has ended. Left out by an extension that needs whole messages: then
   * `streams()` has each of them as one piece, and `maxPayload` bounds it, as it does if several extensions have to decode
   * a message one after the other.
   *
   * @param maxPayload the longest decoded message, in bytes; `Infinity` for no limit
   */
  decodePieces?(opcode: MessageOpcode, maxPayload: number): PieceDecoder;
  /**
   * Begins to encode a message in pieces, in the place of `encode()`: the reserved bit is set on its first fragment. It is
   * part of the same order of messages. Left out by an extension that needs whole messages: then `sendStream()` collects
   * the message, up to `maxBufferedAmount`, as it does if a connection has several extensions.
   *
   * @returns `null` to send the message as it is, with the bit unset
   */
  encodePieces?(opcode: MessageOpcode, options: SendOptions): PieceEncoder | null;
  /**
   * Encodes prepared messages instead of `encode`: one object for all connections for which the result is the same. An
   * extension that encodes for each connection separately leaves it out. It is not used if a connection has several
   * extensions.
   */
  readonly sharedEncoder?: SharedEncoder | undefined;
  /**
   * Called before a message of `sharedEncoder` is sent: the peer decodes it after the earlier messages of `encode`, and
   * later results of `encode` must allow for that.
   */
  onShared?(): void;
  /** Called when the connection has ended. No method is called afterwards, and pending results are not used. */
  close(): void;
}
