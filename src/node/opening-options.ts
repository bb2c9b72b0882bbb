import type { ConnectionOptions as TlsConnectionOptions } from "node:tls";
import { abortSignal, invalidOption, type Rule, trueOrFalse, wholeNumber } from "../arguments/index.ts";
import { CONNECTION_RULES, type ConnectionOptions, MAX_TIMEOUT } from "../endpoint/settings.ts";
import { offeredSubprotocols } from "../handshake/subprotocols.ts";
import { type ExtraHeaders, headerEntries } from "../http/extra-headers.ts";
import { HEAD_LIMIT_RULES, type HeadLimits } from "../http/head-limits.ts";
import { EXTENSION_RULES, type ExtensionOptions } from "./extension-options.ts";
import { clientTls } from "./tls-option.ts";

/** The options of a client. */
export interface OpeningOptions extends ConnectionOptions, ExtensionOptions, Partial<HeadLimits> {
  /** The subprotocols to offer, the most wanted first. */
  protocols?: string | readonly string[] | undefined;
  /**
   * Header fields of the request, such as `Cookie`, `Authorization` or `Origin`: an object, a Map, pairs or `Headers`.
   */
  headers?: ExtraHeaders | undefined;
  /**
   * Milliseconds from the call of `connect()` to the checked response, 1 to 2^31 - 1; 10,000 by default. They cover the
   * resolution of the host name, the wait for other attempts to the same address (see `concurrent`), TCP and TLS.
   */
  handshakeTimeout?: number | undefined;
  /** Aborts the attempt; an open connection is not affected. One signal can serve any number of attempts. */
  signal?: AbortSignal | undefined;
  /** Options of `tls.connect`, for wss: URLs. Certificates are checked unless these options say otherwise. */
  tls?: TlsConnectionOptions | undefined;
  /**
   * Whether to start at once although another attempt to the same address is under way. RFC 6455 section 4.1
   * demands one after the other, which is the default. `true` is for load tests and pools, since the wait counts
   * towards `handshakeTimeout`.
   */
  concurrent?: boolean | undefined;
}

/** The options with what a face decides for its users. */
export interface FaceOptions extends OpeningOptions {
  /** Whether the server must choose a subprotocol if some are offered. */
  readonly needsSubprotocol?: boolean;
}

/** A rule for each of the options. */
export const OPENING_RULES = {
  ...CONNECTION_RULES,
  ...EXTENSION_RULES,
  ...HEAD_LIMIT_RULES,
  protocols: (value, name) => {
    if (typeof value !== "string" && !Array.isArray(value)) {
      throw invalidOption(name, "a subprotocol or a list of them", value);
    }
    return offeredSubprotocols([value].flat(), name);
  },
  headers: (value) => headerEntries(value as ExtraHeaders),
  handshakeTimeout: wholeNumber(1, MAX_TIMEOUT),
  signal: abortSignal,
  tls: clientTls,
  concurrent: trueOrFalse,
} as const satisfies Record<keyof OpeningOptions, Rule>;
