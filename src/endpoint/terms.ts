import type { MessagePipeline } from "../extensions/index.ts";

/** What the opening handshake has agreed. */
export interface Terms {
  /** The subprotocol in use, "" for none. */
  readonly protocol: string;
  /** The extensions in use as `Sec-WebSocket-Extensions` names them, "" for none. */
  readonly extensions: string;
  /** The extensions at work on messages, `null` for none. */
  readonly pipeline: MessagePipeline | null;
}
