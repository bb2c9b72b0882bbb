import type { MessagePipeline } from "../extensions/index.ts";

/** The result of the opening handshake. */
export interface Terms {
  /** The subprotocol in use, "" for none. */
  readonly protocol: string;
  /** The extensions in use as `Sec-WebSocket-Extensions` names them, "" for none. */
  readonly extensions: string;
  /** The extensions that process messages, `null` for none. */
  readonly pipeline: MessagePipeline | null;
}
