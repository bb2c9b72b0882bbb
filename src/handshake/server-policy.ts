import { invalidOption, type OptionsForm, type Rule, readOptions, shown } from "../arguments/index.ts";
import type { OriginPolicy } from "./origin.ts";
import { checkOriginList } from "./origin-list.ts";
import { resourcePath } from "./resource-name.ts";
import { type SubprotocolPolicy, supportedSubprotocols } from "./subprotocols.ts";

/** What a server requires of requests, beyond the rules of the protocol. */
export interface ServerPolicy {
  /** The path, percent-encoded and without a query, or a function that returns `true` for it; any path by default. */
  readonly path?: string | ((path: string) => boolean) | undefined;
  /** The web pages that may connect; those with the same host name by default. */
  readonly origins?: OriginPolicy | undefined;
  /** The subprotocols; none by default. */
  readonly protocols?: SubprotocolPolicy | undefined;
}

const servedPath: Rule<NonNullable<ServerPolicy["path"]>> = (value, name) => {
  if (typeof value === "function") return value as (path: string) => boolean;
  if (typeof value === "string" && value.startsWith("/") && resourcePath(value) === value) return value;
  const advice = typeof value === "string" ? `use ${shown(sentPath(value))}` : "";
  throw invalidOption(name, "a path as it is sent, percent-encoded and without a query, or a function", value, advice);
};

/** The path in the form in which clients send it. */
function sentPath(text: string): string {
  const path = text.replace(/^(?:[a-z]+:\/\/[^/]*)?\/*/i, "");
  return new URL(`http://host/${path}`).pathname;
}

const allowedOrigins: Rule<OriginPolicy> = (value, name) => {
  if (value === "*" || typeof value === "function") return value as OriginPolicy;
  if (!Array.isArray(value)) {
    const advice = typeof value === "string" ? `use [${shown(value)}]` : "";
    throw invalidOption(name, '"*", a list or a function', value, advice);
  }
  const list: readonly string[] = [...value];
  checkOriginList(list, name);
  return list;
};

/** A rule for each part of a policy. */
export const POLICY_RULES = {
  path: servedPath,
  origins: allowedOrigins,
  protocols: supportedSubprotocols,
} as const satisfies Record<keyof ServerPolicy, Rule>;

const POLICY = { owner: "a server policy", rules: POLICY_RULES } as const satisfies OptionsForm<Record<string, Rule>>;

/** The policies that were checked. A policy is used for many requests but checked once. */
const checked = new WeakSet<ServerPolicy>();

/** Records that a policy was checked as a part of a server's options. */
export function noteChecked(policy: ServerPolicy): void {
  checked.add(policy);
}

/** @throws TypeError naming a part that is unknown, invalid, or cannot match any request */
export function checkPolicy(policy: ServerPolicy): void {
  if (checked.has(policy)) return;
  const parts = readOptions(policy, POLICY);
  // An empty policy is faster to check than to record.
  if (Object.keys(parts).length > 0) checked.add(policy);
}
