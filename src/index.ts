export type { ArgumentErrorCode } from "./arguments/index.ts";
export { ConnectionError } from "./connection/connection-error.ts";
export {
  type BinaryData,
  Connection,
  type ConnectionEvents,
  type ConnectionOptions,
  type Message,
  PreparedMessage,
  prepare,
  type SendOptions,
} from "./connection/index.ts";
export type { Extension, PerMessageDeflateOptions } from "./extensions/index.ts";
export { refuse } from "./handshake/application-refusal.ts";
export type { ConnectErrorCode } from "./handshake/connect-failures.ts";
export type { OriginPolicy } from "./handshake/origin.ts";
export { RefusalError } from "./handshake/refusal-error.ts";
export type { SubprotocolPolicy } from "./handshake/subprotocols.ts";
export type { ExtraHeaders, HeaderValue } from "./http/extra-headers.ts";
export type { ResponseHeaders } from "./http/header-fields.ts";
export type { BroadcastOptions } from "./node/broadcast-options.ts";
export { connect } from "./node/connect.ts";
export { ConnectError, type RefusingResponse } from "./node/connect-error.ts";
export type { ConnectOptions } from "./node/connect-options.ts";
export type { ExtensionOptions } from "./node/extension-options.ts";
export type { CloseOptions } from "./node/server-arguments.ts";
export type {
  AttachOptions,
  Authentication,
  HandshakeOptions,
  ListenOptions,
  NoServerOptions,
  WebSocketServerOptions,
} from "./node/server-options.ts";
export type { UpgradeRequest } from "./node/upgrade-request.ts";
export { WebSocketServer, type WebSocketServerEvents } from "./node/websocket-server.ts";
