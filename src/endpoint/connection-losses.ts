import type { Row } from "../errors.ts";

/** The end of a connection in another way than by the closing handshake or a violation. */
export interface ConnectionLoss extends Row {
  readonly kind: "loss";
}

/** Makes a row of a table of losses. */
export function connectionLoss(code: string, section: string, message: string): ConnectionLoss {
  return Object.freeze({ kind: "loss", code, section, message });
}

const ABNORMAL = "RFC 6455 section 7.1.5";

export const ConnectionLosses = Object.freeze({
  CUT_OFF: connectionLoss("CUT_OFF", ABNORMAL, "the connection ended without a Close frame"),
  TRANSPORT_FAILED: connectionLoss("TRANSPORT_FAILED", ABNORMAL, "the transport failed"),
  PEER_DEAD: connectionLoss("PEER_DEAD", "RFC 6455 section 5.5.2", "nothing arrived within pingTimeout after a ping"),
  CLOSE_TIMEOUT: connectionLoss(
    "CLOSE_TIMEOUT",
    "RFC 6455 section 7.1.1",
    "the peer did not finish the closing handshake within closeTimeout",
  ),
  UNSENT_LIMIT: connectionLoss(
    "UNSENT_LIMIT",
    "RFC 6455 section 10.4",
    "more bytes wait to be sent than maxBufferedAmount allows",
  ),
  TERMINATED: connectionLoss("TERMINATED", ABNORMAL, "the connection was ended here by terminate()"),
});
