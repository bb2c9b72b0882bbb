import type { MessageOpcode } from "../framing/index.ts";
import type { Violation } from "../framing/violations.ts";
import type { ExtensionParam } from "./extension-header.ts";

/** The reserved bit of a message's first frame that an extension claims: RSV1, RSV2, RSV3, or none. */
export type ReservedBit = 0x40 | 0x20 | 0x10 | 0;

/** What `send()` was told about a message beside its data. */
export interface SendOptions {
  /** Whether to compress the message: `true` or `false`; by its length when nothing is said. */
  readonly compress?: boolean | undefined;
}

/**
 * An extension that works on whole messages (RFC 6455 section 9). One object serves any number of connections, on
 * either side; what belongs to a connection lives in the codec that the negotiation leads to.
 */
export interface Extension {
  /** The registered name, a token. */
  readonly name: string;
  readonly rsv: ReservedBit;
  /** A client's offers, the most wanted first: the parameters of each. */
  offers(): readonly (readonly ExtensionParam[])[];
  /** A server's answer to one offer; `null` declines it, and the next one is tried. */
  answer(offer: readonly ExtensionParam[]): NegotiatedExtension | null;
  /** A client's view of the server's answer; a string says what is wrong with it, and the connection fails. */
  agree(answer: readonly ExtensionParam[]): NegotiatedExtension | string;
}

/** What both sides have agreed on. */
export interface NegotiatedExtension {
  /** The parameters of the server's answer. */
  readonly params: readonly ExtensionParam[];
  /**
   * Begins to work for one connection.
   *
   * @param maxPayload the longest message that the connection accepts, in bytes
   */
  open(maxPayload: number): MessageCodec;
}

/**
 * Encodes messages for all connections whose codecs have it as their `sharedEncoder`: once, and all of them send the
 * result. It belongs to one extension, whose reserved bit is set on what it encodes.
 */
export interface SharedEncoder {
  /** As `encode` of a codec, but what it makes of a message may depend on nothing that went before. */
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
 * An extension at work on one connection. In each direction it is given one message after the other: the next one
 * only when the last is done. A method that can be done at once should not return a promise.
 */
export interface MessageCodec {
  /**
   * Transforms a message to be sent.
   *
   * @param payload not to be changed; nobody else changes it until the message is done
   * @returns the payload to send with the reserved bit set, in memory that is not used again; `null` sends the
   *   message as it is with the bit unset
   */
  encode(
    payload: Uint8Array,
    opcode: MessageOpcode,
    options: SendOptions,
  ): Uint8Array | null | Promise<Uint8Array | null>;
  /**
   * Transforms a received message that has the reserved bit set; every message where the extension claims none.
   *
   * @param payload to be read before the method returns; a promise's own copy must be made before
   * @returns the message, or the rule that it breaks. Bytes that are returned at once are read at once and may lie in
   *   memory that is used again; those of a promise stay what they are
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
   * What encodes a prepared message in the place of `encode`, one object for all connections for which the result is
   * the same. Left out by an extension that encodes for each connection by itself; also not asked where a connection
   * has several extensions.
   */
  readonly sharedEncoder?: SharedEncoder | undefined;
  /**
   * A message that `sharedEncoder` has encoded goes out next: the peer decodes it behind those that `encode` has made,
   * and what `encode` makes from now on must allow for that.
   */
  onShared?(): void;
  /** The connection is gone: nothing is asked any more, and what is under way is not wanted. */
  close(): void;
}
