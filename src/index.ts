export type { ArgumentErrorCode } from "./arguments/index.ts";
export type { BroadcastOptions } from "./connection/broadcast-options.ts";
export type { CloseDetails } from "./connection/close-signal.ts";
export { connect } from "./connection/connect.ts";
export type { ConnectOptions } from "./connection/connect-options.ts";
export { Connection } from "./connection/connection.ts";
export type { WaitOptions } from "./connection/connection-arguments.ts";
export type { ConnectionEvents } from "./connection/connection-emitter.ts";
export type { WebSocketDuplexOptions } from "./connection/duplex-arguments.ts";
export { createWebSocketStream } from "./connection/duplex-stream.ts";
export type { Message } from "./connection/message-queue.ts";
export type { BinaryStream, MessageStream, TextStream } from "./connection/message-streams.ts";
export type { BinaryData } from "./connection/payload.ts";
export { PreparedMessage, prepare } from "./connection/prepared-message.ts";
export type { SendSource } from "./connection/send-source.ts";
export type { CloseOptions } from "./connection/server-arguments.ts";
export type { WebSocketServerOptions } from "./connection/server-options.ts";
export type { StreamOptions } from "./connection/stream-arguments.ts";
export { WebSocketServer, type WebSocketServerEvents } from "./connection/websocket-server.ts";
export { ConnectionError } from "./endpoint/connection-error.ts";
export type { ConnectionOptions } from "./endpoint/settings.ts";
export type { Extension, PerMessageDeflateOptions, SendOptions } from "./extensions/index.ts";
export { refuse } from "./handshake/application-refusal.ts";
export type { ConnectErrorCode } from "./handshake/connect-failures.ts";
export type { OriginPolicy } from "./handshake/origin.ts";
export { RefusalError } from "./handshake/refusal-error.ts";
export type { SubprotocolPolicy } from "./handshake/subprotocols.ts";
export type { ExtraHeaders, HeaderValue } from "./http/extra-headers.ts";
export type { ResponseHeaders } from "./http/header-fields.ts";
export type {
  AttachOptions,
  Authentication,
  HandshakeOptions,
  ListenOptions,
  NoServerOptions,
} from "./node/acceptor-options.ts";
export { ConnectError, type RefusingResponse } from "./node/connect-error.ts";
export type { ExtensionOptions } from "./node/extension-options.ts";
export type { UpgradeRequest } from "./node/upgrade-request.ts";
export { CloseEvent, type CloseEventInit } from "./websocket/close-event.ts";
export type { WebSocketCloseInfo } from "./websocket/close-info.ts";
export type { WebSocketErrorEvent } from "./websocket/fired-events.ts";
export { type BinaryType, MessageEvent, type MessageEventInit } from "./websocket/message-event.ts";
export { WebSocket, type WebSocketEventMap } from "./websocket/web-socket.ts";
export type { WebSocketOptions } from "./websocket/web-socket-options.ts";
export { WebSocketError } from "./websocket/websocket-error.ts";
export { type WebSocketClosedInfo, type WebSocketOpenInfo, WebSocketStream } from "./websocket/websocket-stream.ts";
export type { WebSocketStreamOptions } from "./websocket/websocket-stream-options.ts";
