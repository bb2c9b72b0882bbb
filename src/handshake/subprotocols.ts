import { isToken } from "../extensions/token.ts";
import { listElements } from "./field-list.ts";
import type { RequestHead } from "./request-head.ts";

/**
 * The subprotocols that the server speaks, or a function that picks one of those that the client offers;
 * null and undefined stand for none.
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

function choice(
  offered: readonly string[],
  policy: SubprotocolPolicy,
  request: RequestHead,
): string | null | undefined {
  if (typeof policy === "function") return policy(offered, request);
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
  const chosen = choice(offered, policy, request) ?? null;
  if (chosen !== null && !offered.includes(chosen)) {
    throw new Error(`protocols() picked ${JSON.stringify(chosen)}, which the client did not offer`);
  }
  return chosen;
}
