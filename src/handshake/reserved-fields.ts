/** The header fields that only the library sets. Names are in lower case. */

const OF_THE_HANDSHAKE: ReadonlySet<string> = new Set(["upgrade", "connection", "content-length", "transfer-encoding"]);
const OF_A_REFUSAL: ReadonlySet<string> = new Set([
  "connection",
  "content-type",
  "content-length",
  "transfer-encoding",
]);

/** Whether a field makes a head a WebSocket handshake or announces a body, which a handshake does not have. */
export function isHandshakeField(lowerCaseName: string): boolean {
  return OF_THE_HANDSHAKE.has(lowerCaseName) || lowerCaseName.startsWith("sec-websocket-");
}

/** Whether a field of a refusal describes its body or ends the connection. */
export function isRefusalField(lowerCaseName: string): boolean {
  return OF_A_REFUSAL.has(lowerCaseName);
}
