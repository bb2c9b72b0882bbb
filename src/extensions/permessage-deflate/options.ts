import { wholeNumber } from "../../whole-number.ts";

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

const NAMES: ReadonlySet<string> = new Set<keyof PerMessageDeflateOptions>([
  "threshold",
  "level",
  "memLevel",
  "serverNoContextTakeover",
  "clientNoContextTakeover",
  "serverMaxWindowBits",
  "clientMaxWindowBits",
  "fallback",
]);

function named(name: keyof PerMessageDeflateOptions): string {
  return `perMessageDeflate.${name}`;
}

/** @throws TypeError or RangeError naming the option that is not valid, or not known */
export function resolveDeflateOptions(options: PerMessageDeflateOptions): DeflateSettings {
  const unknown = Object.keys(options).find((name) => !NAMES.has(name));
  if (unknown !== undefined) throw new TypeError(`perMessageDeflate.${unknown} is not an option`);
  const number = (name: keyof PerMessageDeflateOptions, fallback: number, lowest: number, highest: number) =>
    wholeNumber(named(name), options[name], fallback, lowest, highest);
  const flag = (name: keyof PerMessageDeflateOptions) => {
    const value = options[name];
    if (value === undefined || typeof value === "boolean") return value === true;
    throw new TypeError(`${named(name)} must be true or false, not ${String(value)}`);
  };
  const offersClientWindow = options.clientMaxWindowBits !== false;
  return Object.freeze({
    threshold: number("threshold", DEFAULT_THRESHOLD, 0, Number.MAX_SAFE_INTEGER),
    level: number("level", DEFAULT_LEVEL, 0, 9),
    memLevel: number("memLevel", DEFAULT_MEM_LEVEL, 1, 9),
    serverNoContextTakeover: flag("serverNoContextTakeover"),
    clientNoContextTakeover: flag("clientNoContextTakeover"),
    serverMaxWindowBits: number("serverMaxWindowBits", 15, 8, 15),
    clientMaxWindowBits: offersClientWindow ? number("clientMaxWindowBits", 15, 8, 15) : 15,
    offersClientWindow,
    fallback: flag("fallback"),
  });
}
