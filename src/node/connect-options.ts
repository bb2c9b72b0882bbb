import type { ConnectionOptions as TlsConnectionOptions } from "node:tls";
import type { ConnectionOptions } from "../connection/index.ts";
import type { ExtraHeaders, HeadLimits } from "../handshake/index.ts";
import type { ExtensionOptions } from "./extension-options.ts";

export interface ConnectOptions extends ConnectionOptions, ExtensionOptions, Partial<HeadLimits> {
  /** The subprotocols to offer, the most wanted first. */
  protocols?: string | readonly string[] | undefined;
  /** Header fields of the request, such as `Cookie`, `Authorization` or `Origin`. */
  headers?: ExtraHeaders | undefined;
  /**
   * Milliseconds from the call of `connect()` to the checked response, 1 to 2^31 - 1; 10,000 by default. They cover the
   * resolution of the host name, the wait for other attempts to the same address (see `concurrent`), TCP and TLS.
   */
  handshakeTimeout?: number | undefined;
  /** Aborts the attempt; an open connection is not touched. One signal can serve any number of attempts. */
  signal?: AbortSignal | undefined;
  /** What `tls.connect` takes, for wss: URLs. Certificates are checked unless it says otherwise. */
  tls?: TlsConnectionOptions | undefined;
  /**
   * Whether to start at once although another attempt to the same address is under way. RFC 6455 section 4.1 wants
   * one after the other, which is the default: this is for load tests and pools, since the wait counts towards
   * `handshakeTimeout`.
   */
  concurrent?: boolean | undefined;
}
