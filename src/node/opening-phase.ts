/** The step that an attempt waits for. */
export type OpeningPhase = "lookup" | "turn" | "tcp" | "tls" | "response";

const AWAITED: Readonly<Record<OpeningPhase, string>> = {
  lookup: "the host name to be resolved",
  turn: "another attempt to the same address (the option concurrent starts at once)",
  tcp: "the TCP connection",
  tls: "the TLS handshake",
  response: "the response",
};

/** Names what is awaited, to follow "waiting for". */
export function awaited(phase: OpeningPhase): string {
  return AWAITED[phase];
}
