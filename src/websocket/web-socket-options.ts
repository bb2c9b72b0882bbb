import {
  invalidOption,
  nonEmptyString,
  type OptionsForm,
  type Rule,
  readOptions,
  wrongType,
} from "../arguments/index.ts";
import type { ExtraHeaders, HeaderEntry } from "../handshake/extra-headers.ts";
import { OPENING_RULES, type OpeningOptions } from "../node/opening-options.ts";
import { FOREIGN_TO_WEBSOCKET } from "./foreign-options.ts";
import { subprotocolList } from "./subprotocol-list.ts";
import { locationOf } from "./url-record.ts";

/** What `connect()` has, and these classes do not: the standard's own attributes and streams take their place. */
type WithoutCounterpart = "highWaterMark" | "overflow";

/**
 * The options of a `WebSocket`, which take the place of its second argument, as in undici, Deno and Bun. All of them are
 * additions to the standard.
 *
 * @example
 * ```ts
 * import { WebSocket } from "tautline";
 *
 * const socket = new WebSocket("/chat", {
 *   base: "ws://127.0.0.1:4000/",
 *   protocols: ["v2.chat", "v1.chat"],
 *   headers: { Authorization: "Bearer secret" },
 * });
 * socket.onerror = ({ error }) => console.log(error.code);
 * ```
 */
export interface WebSocketOptions extends Omit<OpeningOptions, "protocols" | "headers" | WithoutCounterpart> {
  /** The subprotocols to offer, the most wanted first: tokens, none twice. */
  protocols?: string | Iterable<string> | undefined;
  /**
   * Header fields of the request, such as `Cookie` or `Authorization`: an object, a Map, pairs or `Headers`. A type that fits
   * the `HeadersInit` of `fetch()`, too.
   */
  headers?: ExtraHeaders | readonly (readonly string[])[] | undefined;
  /** The origin to send, such as "https://example.com". That of `globalThis.location` by default, if there is one. */
  origin?: string | undefined;
  /** The URL that a relative one is relative to. `globalThis.location` by default, if there is one. */
  base?: string | URL | undefined;
}

/** Options that were checked. */
export interface CheckedOptions {
  readonly base: string | undefined;
  readonly protocols: readonly string[];
  /** Everything else, with the `Origin` among the headers. */
  readonly opening: Omit<OpeningOptions, "protocols">;
}

const absoluteUrl: Rule<string> = (value, name) => {
  const text = value instanceof URL ? value.href : value;
  if (typeof text === "string" && URL.canParse(text)) return text;
  throw invalidOption(name, "an absolute URL", value);
};

const serializedOrigin: Rule<string> = (value, name) => {
  const text = nonEmptyString(value, name);
  if (text === "null") return text;
  const origin = URL.canParse(text) ? new URL(text).origin : null;
  // The origin of schemes such as chrome-extension: is none to node's URL.
  if (origin === text || origin === "null") return text;
  throw invalidOption(name, "an origin", value, origin === null ? 'as in "https://example.com"' : `use "${origin}"`);
};

const { highWaterMark: _, overflow: __, ...OPENING } = OPENING_RULES;

/** A rule for each of the options. */
export const WEBSOCKET_RULES = {
  ...OPENING,
  protocols: subprotocolList,
  origin: serializedOrigin,
  base: absoluteUrl,
} as const satisfies Record<keyof WebSocketOptions, Rule>;

/**
 * Checks the options of a WebSocket.
 *
 * @param owner the class that takes them, as errors name it
 * @throws TypeError or RangeError naming the option that is not valid or not known, DOMException SyntaxError for
 *   subprotocols that cannot be offered
 */
export function checkedOptions(given: unknown, owner: string): CheckedOptions {
  const form: OptionsForm<typeof WEBSOCKET_RULES> = { owner, rules: WEBSOCKET_RULES, elsewhere: FOREIGN_TO_WEBSOCKET };
  const { protocols = [], base, origin, headers = [], ...opening } = readOptions(given, form);
  return { base, protocols, opening: { ...opening, headers: withOrigin(headers, origin) } };
}

/**
 * Adds the `Origin` to the headers: RFC 6455 section 4.1, item 8 has the request of a page carry one.
 *
 * @throws TypeError OPTION_INVALID if both have one
 */
export function withOrigin(headers: readonly HeaderEntry[], origin: string | undefined): readonly HeaderEntry[] {
  const isGiven = headers.some(([name]) => name.toLowerCase() === "origin");
  if (isGiven && origin !== undefined) {
    throw wrongType("OPTION_INVALID", "origin cannot be combined with an Origin in headers: use one of the two");
  }
  const sent = isGiven ? undefined : (origin ?? locationOf("origin"));
  return sent === undefined ? headers : [...headers, ["Origin", [sent]]];
}
