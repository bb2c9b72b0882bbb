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
