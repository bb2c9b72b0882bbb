import type { CloseStatus, MessageForm, MessageOpcode } from "../framing/index.ts";
import type { ConnectionError } from "./connection-error.ts";

/**
 * Receives what happens on the endpoints of one kind of face. There is one listener for all of them, and each call names
 * the face: an endpoint needs no object for it, and a face no public method.
 */
export interface EndpointListener<Face, Message> {
  /** What the messages for `onMessage` are made of. */
  readonly form: MessageForm<Message>;
  onMessage(face: Face, opcode: MessageOpcode, message: Message): void;
  /** A ping arrived, and was answered. The payload must be read before this returns. */
  onPing(face: Face, payload: Buffer): void;
  /** A pong arrived. The payload must be read before this returns. */
  onPong(face: Face, payload: Buffer): void;
  /** Everything has left this process after a result of `"full"` or `"dropped"`. May be called within a send. */
  onDrain(face: Face): void;
  /** The connection failed (RFC 6455 section 7.1.7). Nothing can be sent any more. */
  onFailure(face: Face, error: ConnectionError): void;
  /** Nothing can be sent any more. Called once. */
  onOutputEnd(face: Face): void;
  /** The transport is gone, and something that arrived before is still to be read. */
  onDisconnected(face: Face): void;
  /** No message follows. Called once, in the same turn as `onClosed` or after it. */
  onInputEnd(face: Face): void;
  /**
   * The connection is closed. Called once; only messages that are still being decoded, and `onInputEnd`, may follow.
   *
   * @param status the code and the reason of the peer's Close frame; 1006 if none came (RFC 6455 section 7.1.5)
   * @param error why the connection did not end by the closing handshake, `null` if it did
   */
  onClosed(face: Face, status: CloseStatus, error: ConnectionError | null): void;
}
