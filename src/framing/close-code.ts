/**
 * The status codes of Close frames by name (RFC 6455 section 7.4.1, and the IANA registry of section 11.7).
 *
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { CloseCode, closeStatus } from "tautline/framing";
 *
 * assert.deepEqual(closeStatus(CloseCode.GoingAway, "restarting"), { code: 1001, reason: "restarting" });
 * ```
 */
export const CloseCode = Object.freeze({
  /** The purpose of the connection is fulfilled. */
  NormalClosure: 1000,
  /** The endpoint goes away: a server closes, or a page is left. */
  GoingAway: 1001,
  ProtocolError: 1002,
  /** The endpoint cannot accept data of this type. */
  UnsupportedData: 1003,
  /** A Close frame had no code. It is never sent. */
  NoStatus: 1005,
  /** No Close frame was received. It is never sent. */
  AbnormalClosure: 1006,
  /** The data of a message are inconsistent with its type, such as text that is not UTF-8. */
  InvalidData: 1007,
  PolicyViolation: 1008,
  MessageTooBig: 1009,
  /** The client had expected an extension that the server did not accept. */
  MandatoryExtension: 1010,
  /** An unexpected condition, on either side. */
  InternalError: 1011,
  ServiceRestart: 1012,
  TryAgainLater: 1013,
  BadGateway: 1014,
  /** The TLS handshake failed. It is never sent. */
  TlsHandshake: 1015,
});
