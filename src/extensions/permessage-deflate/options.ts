import { type OptionsForm, type Rule, readOptions, trueOrFalse, wholeNumber } from "../../arguments/index.ts";

/** The options of permessage-deflate (RFC 7692 section 7). */
export interface PerMessageDeflateOptions {
  /**
   * Messages of fewer bytes are not compressed, unless `send()` has the option `compress: true`. From 0; default: 128,
   * since shorter messages save less than they cost.
   */
  threshold?: number | undefined;
  /** zlib's compression level, 0 to 9. Default: 1, which takes a third of the CPU of 6 for 15 % more bytes. */
  level?: number | undefined;
  /** How much memory zlib takes besides the window, 1 to 9. Default: 8. */
  memLevel?: number | undefined;
  /**
   * Whether the server compresses without context takeover: each message starts with an empty window, which takes less
   * memory and compresses less. A server then does so, a client requests it. Default: `false`.
   */
  serverNoContextTakeover?: boolean | undefined;
  /**
   * Whether the client compresses without context takeover. A server requests it, a client does so. Default: `false`.
   */
  clientNoContextTakeover?: boolean | undefined;
  /**
   * The base-2 logarithm of the server's window in bytes, 8 to 15. A server uses it, a client requests it. Default: 15.
   */
  serverMaxWindowBits?: number | undefined;
  /**
   * The base-2 logarithm of the client's window in bytes, 8 to 15. A client uses it. A server requests it, and declines
   * an offer that does not allow that. A client with `false` does not allow the server to request it. Default: 15.
   */
  clientMaxWindowBits?: number | false | undefined;
  /**
   * For a client: whether it also offers compression without its requests, if the server declines those. Default:
   * `false`.
   */
  fallback?: boolean | undefined;
}

/** The checked options, with their defaults. */
export interface DeflateSettings {
  readonly threshold: number;
  readonly level: number;
  readonly memLevel: number;
  readonly serverNoContextTakeover: boolean;
  readonly clientNoContextTakeover: boolean;
  readonly serverMaxWindowBits: number;
  readonly clientMaxWindowBits: number;
  /** Whether a client allows the server to request a smaller window. */
  readonly offersClientWindow: boolean;
  readonly fallback: boolean;
}

const DEFAULT_THRESHOLD = 128;
const DEFAULT_LEVEL = 1;
const DEFAULT_MEM_LEVEL = 8;

const windowBits = wholeNumber(8, 15);

const RULES = {
  threshold: wholeNumber(0, Number.MAX_SAFE_INTEGER),
  level: wholeNumber(0, 9),
  memLevel: wholeNumber(1, 9),
  serverNoContextTakeover: trueOrFalse,
  clientNoContextTakeover: trueOrFalse,
  serverMaxWindowBits: windowBits,
  clientMaxWindowBits: (value, name) => (value === false ? false : windowBits(value, name)),
  fallback: trueOrFalse,
} as const satisfies Record<keyof PerMessageDeflateOptions, Rule>;

const ZLIB_OPTIONS = "use level and memLevel: other options of zlib cannot be set";
const WINDOW_BITS = "use serverMaxWindowBits and clientMaxWindowBits";

const FORM = {
  owner: "perMessageDeflate",
  prefix: "perMessageDeflate.",
  rules: RULES,
  elsewhere: new Map([
    ["zlibDeflateOptions", ZLIB_OPTIONS],
    ["zlibInflateOptions", ZLIB_OPTIONS],
    ["chunkSize", ZLIB_OPTIONS],
    ["strategy", ZLIB_OPTIONS],
    ["windowBits", WINDOW_BITS],
    ["maxWindowBits", WINDOW_BITS],
    ["noContextTakeover", "use serverNoContextTakeover and clientNoContextTakeover"],
    ["concurrencyLimit", "use limitDeflateContexts() of tautline/extensions, which bounds the whole process"],
    ["requestMaxWindowBits", "use serverMaxWindowBits on a client, clientMaxWindowBits on a server"],
    ["requestNoContextTakeover", "use serverNoContextTakeover on a client, clientNoContextTakeover on a server"],
    ["enabled", "use perMessageDeflate: true or false"],
    ["compress", "use threshold, or the option compress of send()"],
  ]),
} as const satisfies OptionsForm<Record<string, Rule>>;

/**
 * @throws TypeError OPTION_UNKNOWN for an unknown option, TypeError or RangeError OPTION_INVALID for an invalid value
 */
export function resolveDeflateOptions(given: PerMessageDeflateOptions): DeflateSettings {
  const options = readOptions(given, FORM);
  const clientWindow = options.clientMaxWindowBits ?? 15;
  return Object.freeze({
    threshold: options.threshold ?? DEFAULT_THRESHOLD,
    level: options.level ?? DEFAULT_LEVEL,
    memLevel: options.memLevel ?? DEFAULT_MEM_LEVEL,
    serverNoContextTakeover: options.serverNoContextTakeover ?? false,
    clientNoContextTakeover: options.clientNoContextTakeover ?? false,
    serverMaxWindowBits: options.serverMaxWindowBits ?? 15,
    clientMaxWindowBits: clientWindow === false ? 15 : clientWindow,
    offersClientWindow: clientWindow !== false,
    fallback: options.fallback ?? false,
  });
}
