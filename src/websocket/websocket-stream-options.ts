import { invalidOption, type OptionsForm, type Rule, readOptions } from "../arguments/index.ts";
import type { OpeningOptions } from "../node/opening-options.ts";
import { FOREIGN_TO_WEBSOCKET } from "./foreign-options.ts";
import { subprotocolList } from "./subprotocol-list.ts";
import { toSequenceOfDomStrings } from "./web-idl.ts";
import { WEBSOCKET_RULES, type WebSocketOptions, withOrigin } from "./web-socket-options.ts";

/** What the streams' own back-pressure takes the place of. */
type WithoutCounterpart = "maxBufferedAmount" | "maxQueuedAmount";

/**
 * The options of a `WebSocketStream`. `protocols` and `signal` are those of the standard; all others are additions, the
 * same as a `WebSocket` has.
 *
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { WebSocketStream } from "tautline";
 *
 * const controller = new AbortController();
 * const socket = new WebSocketStream("/chat", {
 *   base: "ws://127.0.0.1:4000/",
 *   signal: controller.signal,
 *   headers: { Authorization: "Bearer secret" },
 * });
 * controller.abort(new Error("changed my mind"));
 * await assert.rejects(socket.opened, { message: "changed my mind" });
 * ```
 */
export interface WebSocketStreamOptions extends Omit<WebSocketOptions, "protocols" | WithoutCounterpart> {
  /** The subprotocols to offer, the most wanted first: tokens, none twice. The server must choose one of them. */
  protocols?: Iterable<string> | undefined;
  /** Aborts the opening: `opened` and `closed` are rejected with its reason. An open connection is not touched. */
  signal?: AbortSignal | undefined;
}

/** Options that were checked. */
export interface CheckedStreamOptions {
  readonly base: string | undefined;
  readonly opening: OpeningOptions;
}

const listOfSubprotocols: Rule<readonly string[]> = (value, name) => {
  const protocols = toSequenceOfDomStrings(value);
  if (protocols !== null) return subprotocolList(protocols);
  throw invalidOption(name, "a list of subprotocols", value, typeof value === "string" ? "put it into brackets" : "");
};

const { maxBufferedAmount: _, maxQueuedAmount: __, ...IN_COMMON } = WEBSOCKET_RULES;

const RULES = {
  ...IN_COMMON,
  protocols: listOfSubprotocols,
} as const satisfies Record<keyof WebSocketStreamOptions, Rule>;

const WRITES_WAIT = "a write waits until everything before it has been sent";

const FORM: OptionsForm<typeof RULES> = {
  owner: "WebSocketStream",
  rules: RULES,
  elsewhere: new Map([
    ...FOREIGN_TO_WEBSOCKET,
    ["binaryType", "binary messages are read as Uint8Array"],
    ["highWaterMark", WRITES_WAIT],
    ["overflow", WRITES_WAIT],
    ["maxBufferedAmount", WRITES_WAIT],
    ["maxQueuedAmount", "the peer is slowed down while one message has not been read"],
  ]),
};

/**
 * Checks the options of a WebSocketStream.
 *
 * @throws TypeError or RangeError naming the option that is not valid or not known, DOMException SyntaxError for
 *   subprotocols that cannot be offered
 */
export function checkedStreamOptions(given: unknown): CheckedStreamOptions {
  const { base, origin, headers = [], ...opening } = readOptions(given ?? {}, FORM);
  return {
    base,
    // The sink writes one message at a time: however long it is, nothing waits behind it.
    opening: { ...opening, headers: withOrigin(headers, origin), maxBufferedAmount: Number.MAX_SAFE_INTEGER },
  };
}
