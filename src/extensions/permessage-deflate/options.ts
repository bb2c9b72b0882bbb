import { type OptionsForm, type Rule, readOptions, trueOrFalse, wholeNumber } from "../../arguments/index.ts";

/** How permessage-deflate is negotiated and used (RFC 7692 section 7). */
export interface PerMessageDeflateOptions {
  /**
   * Messages of fewer bytes are sent as they are, unless `send()` is told to compress them. 128 by default: shorter
   * ones save less than they cost.
   */
  threshold?: number | undefined;
  /** How hard zlib tries, 0 to 9. 1 by default: a third of the work of 6, for 15 % more bytes. */
  level?: number | undefined;
  /** How much memory zlib takes beside the window, 1 to 9. 8 by default. */
  memLevel?: number | undefined;
  /**
   * Whether the server begins each message with an empty window: less memory, less compression. A server then does
   * so, a client requests it.
   */
  serverNoContextTakeover?: boolean | undefined;
  /** Whether the client begins each message with an empty window. A server then requests it, a client does so. */
  clientNoContextTakeover?: boolean | undefined;
  /** The base-2 logarithm of the server's window in bytes, 8 to 15 (default). A server keeps to it, a client requests it. */
  serverMaxWindowBits?: number | undefined;
  /**
   * The base-2 logarithm of the client's window in bytes, 8 to 15 (default). A server requests it, and declines the
   * offers of clients that cannot keep to it; a client keeps to it. A client with `false` does not let the server ask.
   */
  clientMaxWindowBits?: number | false | undefined;
  /** A client's: whether to offer compression without requests to the server as well, should it not grant them. */
  fallback?: boolean | undefined;
}

/** The options with their defaults, checked. */
export interface DeflateSettings {
  readonly threshold: number;
  readonly level: number;
  readonly memLevel: number;
  readonly serverNoContextTakeover: boolean;
  readonly clientNoContextTakeover: boolean;
  readonly serverMaxWindowBits: number;
  readonly clientMaxWindowBits: number;
  /** Whether a client lets the server ask for a smaller window. */
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

const ZLIB_OPTIONS = "use level and memLevel: zlib's other options are the library's to choose";
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

/** @throws TypeError or RangeError naming the option that is not valid, or not known */
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
