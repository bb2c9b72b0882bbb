/** The life of one connection over a transport (RFC 6455 sections 5.5 to 7). */
export type { SendOptions } from "../extensions/index.ts";
export { Connection, type ConnectionTerms } from "./connection.ts";
export type { ConnectionEvents } from "./connection-emitter.ts";
export type { Message } from "./inbox.ts";
export type { BinaryData } from "./payload.ts";
export { PreparedMessage, prepare } from "./prepared-message.ts";
export { runGuarded, SafeEmitter, throwLater } from "./safe-emitter.ts";
export {
  CONNECTION_RULES,
  type ConnectionOptions,
  type ConnectionSettings,
  MAX_TIMEOUT,
  resolveSettings,
} from "./settings.ts";
export { SharedResources } from "./shared.ts";
export type { Transport, TransportListener, WriteOutcome } from "./transport.ts";
