import { invalidOption, type Rule, shown, wrongType } from "../arguments/index.ts";
import { listElements } from "../http/field-list.ts";
import type { RequestHead } from "../http/request-head.ts";
import { isToken } from "../http/token.ts";
import { synchronousResult } from "./hook-result.ts";

/**
 * The subprotocols that the server supports, or a function that chooses one of those that the client offers; null and
 * undefined choose none. The function may not be asynchronous.
 */
export type SubprotocolPolicy =
  | readonly string[]
  | ((offered: readonly string[], request: RequestHead) => string | null | undefined);

/**
 * Parses the lines of a request's Sec-WebSocket-Protocol, which form one list (RFC 6455 section 11.3.4).
 *
 * @param values the value of each line, as from `fields.all("sec-websocket-protocol")`
 * @returns the offers in the client's order, empty if there is no such line; null unless the lines consist of one or
 *   more tokens that "MUST all be unique strings" (section 4.1, item 10)
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseSubprotocols } from "tautline/handshake";
 *
 * assert.deepEqual(parseSubprotocols(["chat.v2, chat.v1", "json"]), ["chat.v2", "chat.v1", "json"]);
 * assert.deepEqual(parseSubprotocols([]), []);
 * assert.equal(parseSubprotocols(["chat, chat"]), null);
 * ```
 */
export function parseSubprotocols(values: readonly string[]): readonly string[] | null {
  if (values.length === 0) return [];
  const offered = listElements(values);
  const isList = offered.length > 0 && offered.every(isToken);
  return isList && new Set(offered).size === offered.length ? offered : null;
}

/** The subprotocols that a client offers: unique tokens (RFC 6455 section 4.1, item 10). */
export const offeredSubprotocols: Rule<readonly string[]> = (value, name) => {
  const protocols = tokens(value, name, "a list of subprotocols");
  const duplicate = protocols.find((each, index) => protocols.indexOf(each) < index);
  if (duplicate === undefined) return protocols;
  throw wrongType("OPTION_INVALID", `${name} has the duplicate subprotocol ${shown(duplicate)}`);
};

/** The subprotocols that a server supports, or a function that chooses one. */
export const supportedSubprotocols: Rule<SubprotocolPolicy> = (value, name) =>
  typeof value === "function" ? (value as SubprotocolPolicy) : tokens(value, name, "a list or a function");

/** @throws TypeError naming an item that is not a token: no client could offer it, and no server could choose it */
function tokens(value: unknown, name: string, accepted: string): readonly string[] {
  if (typeof value === "string") throw invalidOption(name, accepted, value, `use [${shown(value)}]`);
  if (!Array.isArray(value)) throw invalidOption(name, accepted, value);
  const protocols: readonly unknown[] = [...value];
  const wrong = protocols.findIndex((each) => typeof each !== "string" || !isToken(each));
  if (wrong < 0) return protocols as readonly string[];
  const message = `${name} must be tokens (RFC 6455 section 4.1), which ${shown(protocols[wrong])} is not`;
  throw wrongType("OPTION_INVALID", `${message}${insteadOf(protocols[wrong])}`);
}

/** The list that was probably meant by several tokens in one string, as in the header field. */
function insteadOf(wrong: unknown): string {
  const parts = typeof wrong === "string" ? wrong.split(/[\s,]+/) : [];
  return parts.length > 1 && parts.every(isToken) ? `: use [${parts.map(shown).join(", ")}]` : "";
}

function choice(
  offered: readonly string[],
  policy: SubprotocolPolicy,
  request: RequestHead,
): string | null | undefined {
  if (typeof policy === "function") return synchronousResult(policy(offered, request), "protocols");
  return offered.find((each) => policy.includes(each));
}

/**
 * Chooses the subprotocol: one of those offered, or null for none (RFC 6455 section 4.2.2, item 4). If the policy is a
 * list, it is the first offered one that the list contains, because the client's order is its preference.
 *
 * @param offered as from `parseSubprotocols()`
 * @throws Error if a policy function chooses a subprotocol that was not offered; its own exceptions are passed on
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { chooseSubprotocol, isRefusal, parseRequestHead } from "tautline/handshake";
 *
 * const head = parseRequestHead("GET / HTTP/1.1");
 * if (isRefusal(head)) assert.fail();
 * assert.equal(chooseSubprotocol(["chat.v2", "chat.v1"], ["chat.v1", "chat.v2"], head), "chat.v2");
 * assert.equal(chooseSubprotocol(["chat.v2"], ["mqtt"], head), null);
 * assert.equal(chooseSubprotocol(["chat.v2"], (offered) => offered[0], head), "chat.v2");
 * ```
 */
export function chooseSubprotocol(
  offered: readonly string[],
  policy: SubprotocolPolicy | undefined,
  request: RequestHead,
): string | null {
  if (policy === undefined || offered.length === 0) return null;
  // A string has includes() too, and would match any part of itself.
  if (typeof policy === "string") throw invalidOption("protocols", "a list or a function", policy);
  const chosen = choice(offered, policy, request) ?? null;
  if (chosen !== null && !offered.includes(chosen)) {
    throw new Error(`protocols() chose ${shown(chosen)}, which the client did not offer`);
  }
  return chosen;
}
