/** Options that users know from elsewhere (`ws`, undici, Deno, Bun), and what to write instead. */

const TLS_NAMES = ["ca", "cert", "key", "pfx", "passphrase", "ciphers", "rejectUnauthorized", "checkServerIdentity"];
const OWN_SOCKETS = "sockets are opened by node:net and node:tls: use tls for what tls.connect() takes";

/** Advice for options that `WebSocket` and `WebSocketStream` do not have. */
export const FOREIGN_TO_WEBSOCKET: ReadonlyMap<string, string> = new Map([
  ...TLS_NAMES.map((name) => [name, `use tls: { ${name} }`] as const),
  ["protocol", "use protocols"],
  ["subprotocol", "use protocols"],
  ["subprotocols", "use protocols"],
  ["baseUrl", "use base"],
  ["baseURL", "use base"],
  ["binaryType", "set the attribute binaryType of the socket"],
  ["highWaterMark", "the attribute bufferedAmount says how much waits to be sent"],
  ["overflow", "if more waits than maxBufferedAmount, the socket is closed"],
  ["compression", "use perMessageDeflate: true, false or its options"],
  ["timeout", "use handshakeTimeout, in milliseconds"],
  ["auth", "use headers: { Authorization }, or user and password in the URL"],
  ["authorization", "use headers: { Authorization }"],
  ["cookie", "use headers: { Cookie }"],
  ["cookies", "use headers: { Cookie }"],
  ["abortSignal", "use signal"],
  ["dispatcher", OWN_SOCKETS],
  ["client", OWN_SOCKETS],
  ["agent", OWN_SOCKETS],
  ["maxRedirects", "redirects are not followed"],
  ["followRedirects", "redirects are not followed"],
]);
