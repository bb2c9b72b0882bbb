/** Options that users know from other libraries (`ws`, undici, browsers, servers), and the replacement for each. */

const TLS_NAMES = [
  ...["ca", "cert", "key", "pfx", "passphrase", "crl", "ciphers", "ecdhCurve", "dhparam", "sigalgs", "minVersion"],
  ...["maxVersion", "rejectUnauthorized", "checkServerIdentity", "servername", "secureContext", "secureProtocol"],
  ...["secureOptions", "session", "ALPNProtocols", "SNICallback", "requestCert", "honorCipherOrder", "ticketKeys"],
] as const;

const inTls = TLS_NAMES.map((name) => [name, `use tls: { ${name} }`] as const);

const DEFLATE = "use perMessageDeflate: true, false or its options";
const MAX_PAYLOAD = "use maxPayload, in bytes";
const PROTOCOLS = "use protocols";
const PINGS = "use pingInterval and pingTimeout, in milliseconds";
const HANDSHAKE_TIME = "use handshakeTimeout, in milliseconds";

const onBothSides = [
  ...inTls,
  ["protocol", PROTOCOLS],
  ["subprotocol", PROTOCOLS],
  ["subprotocols", PROTOCOLS],
  ["timeout", HANDSHAKE_TIME],
  ["compression", DEFLATE],
  ["deflate", DEFLATE],
  ["maxMessageSize", MAX_PAYLOAD],
  ["maxReceivedMessageSize", MAX_PAYLOAD],
  ["maxReceivedFrameSize", MAX_PAYLOAD],
  ["maxFragments", "the library bounds empty fragments, and maxPayload the rest"],
  ["maxBufferedChunks", "chunks are not kept: maxPayload bounds a message"],
  ["maxPendingAutoPongs", "use maxBufferedAmount, in bytes"],
  ["backpressureLimit", "use maxBufferedAmount, in bytes"],
  ["maxBackpressure", "use maxBufferedAmount, in bytes"],
  ["keepAlive", PINGS],
  ["keepalive", PINGS],
  ["keepaliveInterval", PINGS],
  ["heartbeat", PINGS],
  ["heartbeatInterval", PINGS],
  ["autoPong", "pings are always answered"],
  ["skipUTF8Validation", "text is always checked to be UTF-8"],
  ["allowSynchronousEvents", "this cannot be chosen: use for await to take one message at a time"],
  ["generateMask", "masking keys are always random"],
  ["binaryType", "a binary message is always a Buffer"],
  ["protocolVersion", "the version is always 13"],
] as const;

const OF_THE_URL = "it is part of the URL";
const OWN_SOCKETS = "sockets are opened by node:net and node:tls: use tls for the options of tls.connect()";
const REDIRECTS = "redirects are not followed: the ConnectError has the response with its location";
const OF_THE_SERVER = "it is an option of WebSocketServer, not of connect()";

/** Advice for options that `connect()` does not have. */
export const FOREIGN_TO_CONNECT: ReadonlyMap<string, string> = new Map<string, string>([
  ...onBothSides,
  ["origin", "use headers: { Origin }"],
  ["origins", `${OF_THE_SERVER}: use headers: { Origin }`],
  ["auth", "use headers: { Authorization }, or user and password in the URL"],
  ["authorization", "use headers: { Authorization }"],
  ["cookie", "use headers: { Cookie }"],
  ["cookies", "use headers: { Cookie }"],
  ["agent", OWN_SOCKETS],
  ["dispatcher", OWN_SOCKETS],
  ["createConnection", OWN_SOCKETS],
  ["lookup", OWN_SOCKETS],
  ["family", OWN_SOCKETS],
  ["localAddress", OWN_SOCKETS],
  ["socketPath", OWN_SOCKETS],
  ["finishRequest", "use headers: the request is sent once the socket is open"],
  ["followRedirects", REDIRECTS],
  ["maxRedirects", REDIRECTS],
  ["abortSignal", "use signal"],
  ["abort", "use signal"],
  ["url", "it is the first argument"],
  ["host", OF_THE_URL],
  ["hostname", OF_THE_URL],
  ["port", OF_THE_URL],
  ["path", OF_THE_URL],
  ["query", OF_THE_URL],
  ["secure", "use a wss: URL"],
  ["server", OF_THE_SERVER],
  ["noServer", OF_THE_SERVER],
  ["backlog", OF_THE_SERVER],
  ["authenticate", OF_THE_SERVER],
  ["verifyClient", OF_THE_SERVER],
]);

const OF_THE_CLIENT = "it is an option of connect(), not of WebSocketServer";
const AUTHENTICATE = "use authenticate, which is given the request and refuses with false or refuse(status, message)";
const ORIGINS = "use origins";

/** Advice for options that `WebSocketServer` does not have. */
export const FOREIGN_TO_SERVER: ReadonlyMap<string, string> = new Map<string, string>([
  ...onBothSides,
  ["verifyClient", AUTHENTICATE],
  ["auth", AUTHENTICATE],
  ["authorize", AUTHENTICATE],
  ["allowRequest", AUTHENTICATE],
  ["shouldHandle", `${AUTHENTICATE}; path decides by the path`],
  ["handleProtocols", "use protocols: a list, or a function (offered, request) that returns one of those offered"],
  ["selectProtocol", "use protocols: a list, or a function (offered, request) that returns one of those offered"],
  ["clientTracking", "server.connections always has the open connections"],
  ["WebSocket", 'connections are always of the class Connection: extend them in the listener of "connection"'],
  ["origin", ORIGINS],
  ["allowedOrigins", ORIGINS],
  ["cors", ORIGINS],
  ["httpServer", "use server"],
  ["http", "use server"],
  ["listen", "use port and host"],
  ["hostname", "use host"],
  ["address", "use host"],
  ["paths", "use path, which may be a function"],
  ["route", "use path"],
  ["ssl", "use tls"],
  ["https", "use tls, or server for an https.Server"],
  ["maxHttpBufferSize", MAX_PAYLOAD],
  ["maxPayloadLength", MAX_PAYLOAD],
  ["sendPings", "use pingInterval: 0 for none"],
  ["sendPingsAutomatically", "use pingInterval: 0 for none"],
  ["concurrent", OF_THE_CLIENT],
  ["signal", `${OF_THE_CLIENT}: use server.close()`],
]);
