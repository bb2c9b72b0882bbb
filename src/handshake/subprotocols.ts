import { invalidOption, type Rule, shown, wrongType } from "../arguments/index.ts";
import { isToken } from "../extensions/token.ts";
import { listElements } from "./field-list.ts";
import { synchronousResult } from "./hook-result.ts";
import type { RequestHead } from "./request-head.ts";

/**
 * The subprotocols that the server speaks, or a function that picks one of those that the client offers;
 * null and undefined stand for none. The function may not be asynchronous.
 */
export type SubprotocolPolicy =
  | readonly string[]
  | ((offered: readonly string[], request: RequestHead) => string | null | undefined);

/**
 * Parses the lines of a request's Sec-WebSocket-Protocol, which count as one list (RFC 6455 section 11.3.4).
 *
 * @returns the offers in the client's order, empty when there is no such line; null when they are not one or
 * more tokens that "MUST all be unique strings" (section 4.1, item 10).
 */
export function parseSubprotocols(values: readonly string[]): readonly string[] | null {
  if (values.length === 0) return [];
  const offered = listElements(values);
  const isList = offered.length > 0 && offered.every(isToken);
  return isList && new Set(offered).size === offered.length ? offered : null;
}

/** The subprotocols that a client offers: tokens, none twice (RFC 6455 section 4.1, item 10). */
export const offeredSubprotocols: Rule<readonly string[]> = (value, name) => {
  const protocols = tokens(value, name, "a list of subprotocols");
  const twice = protocols.find((each, index) => protocols.indexOf(each) < index);
  if (twice === undefined) return protocols;
  throw wrongType("OPTION_INVALID", `in ${name} the subprotocol ${shown(twice)} is given twice`);
};

/** The subprotocols that a server speaks, or a function that chooses one. */
export const spokenSubprotocols: Rule<SubprotocolPolicy> = (value, name) =>
  typeof value === "function" ? (value as SubprotocolPolicy) : tokens(value, name, "a list or a function");

/** @throws TypeError naming what is not a token: no client could offer it, and no server choose it */
function tokens(value: unknown, name: string, accepted: string): readonly string[] {
  if (typeof value === "string") throw invalidOption(name, accepted, value, `use [${shown(value)}]`);
  if (!Array.isArray(value)) throw invalidOption(name, accepted, value);
  const protocols: readonly unknown[] = [...value];
  const wrong = protocols.findIndex((each) => typeof each !== "string" || !isToken(each));
  if (wrong < 0) return protocols as readonly string[];
  const message = `${name} must be tokens (RFC 6455 section 4.1), which ${shown(protocols[wrong])} is not`;
  throw wrongType("OPTION_INVALID", `${message}${insteadOf(protocols[wrong])}`);
}

/** Several tokens in one string, as in the header, were probably meant as a list. */
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
 * The subprotocol to use, which is one of those offered or null (RFC 6455 section 4.2.2). From a list it is
 * the client's first that the server speaks: the client's order is its preference.
 *
 * @throws Error when a policy function picks what was not offered; what it throws itself is passed on.
 */
export function chooseSubprotocol(
  offered: readonly string[],
  policy: SubprotocolPolicy | undefined,
  request: RequestHead,
): string | null {
  if (policy === undefined || offered.length === 0) return null;
  // A string has includes() as well, and would match any part of itself.
  if (typeof policy === "string") throw invalidOption("protocols", "a list or a function", policy);
  const chosen = choice(offered, policy, request) ?? null;
  if (chosen !== null && !offered.includes(chosen)) {
    throw new Error(`protocols() picked ${shown(chosen)}, which the client did not offer`);
  }
  return chosen;
}
