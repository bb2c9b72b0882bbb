/** Every rule about a request for a WebSocket: one small check for each, in the order in which they are applied. */
import { type ExtensionDeclaration, parseExtensionHeader } from "../extensions/extension-header.ts";
import { hasElement } from "../http/field-list.ts";
import { parseHost } from "../http/host.ts";
import type { RequestHead } from "../http/request-head.ts";
import { isKey } from "./accept-key.ts";
import { synchronousResult } from "./hook-result.ts";
import { isOriginAllowed } from "./origin.ts";
import { type Refusal, Refusals } from "./refusals.ts";
import { parseResourceName, resourcePath } from "./resource-name.ts";
import { checkPolicy, type ServerPolicy } from "./server-policy.ts";
import { chooseSubprotocol, parseSubprotocols } from "./subprotocols.ts";

/** A request that obeys every rule and the server's policy. */
export interface AcceptedRequest {
  /** The Sec-WebSocket-Key. */
  readonly key: string;
  /** The subprotocol chosen from those offered; null for none. */
  readonly protocol: string | null;
  /** The offered extensions, in the client's order of preference. */
  readonly offers: readonly ExtensionDeclaration[];
}

type Check = (request: RequestHead, policy: ServerPolicy) => Refusal | null;

/** RFC 6455 section 4.2.1, item 1. No later HTTP/1.x exists, and HTTP/2 has another handshake (RFC 8441). */
const checkHttpVersion: Check = ({ httpVersion }) => (httpVersion === "1.1" ? null : Refusals.VERSION_UNSUPPORTED);

/** RFC 6455 section 4.2.1, item 1. Methods are case-sensitive (RFC 9112 section 3.1). */
const checkMethod: Check = ({ method }) => (method === "GET" ? null : Refusals.METHOD_NOT_GET);

/** RFC 6455 section 4.1: a client sends nothing before the response. The bytes of a body would pass for frames. */
const checkBody: Check = ({ fields }) => {
  const [length = "0", ...more] = fields.all("content-length");
  const hasBody = length !== "0" || more.length > 0 || fields.all("transfer-encoding").length > 0;
  return hasBody ? Refusals.BODY_UNEXPECTED : null;
};

/** RFC 6455 section 4.2.1, item 2; RFC 9112 section 3.2 requires exactly one, whatever the form of the target. */
const checkHost: Check = ({ fields }) => {
  const [host, ...more] = fields.all("host");
  if (host === undefined) return Refusals.HOST_MISSING;
  if (more.length > 0) return Refusals.DUPLICATE_HOST;
  return parseHost(host) === null ? Refusals.HOST_INVALID : null;
};

/** RFC 6455 section 4.2.1, item 1; RFC 9112 section 3.2. */
const checkTarget: Check = ({ target }) => (parseResourceName(target) === null ? Refusals.TARGET_INVALID : null);

/** RFC 6455 section 4.2.1, item 3. The field is a list (RFC 9110 section 7.8). */
const checkUpgrade: Check = ({ fields }) =>
  hasElement(fields.all("upgrade"), "websocket") ? null : Refusals.NOT_AN_UPGRADE;

/** RFC 6455 section 4.2.1, item 4. */
const checkConnection: Check = ({ fields }) =>
  hasElement(fields.all("connection"), "upgrade") ? null : Refusals.CONNECTION_NOT_UPGRADE;

/** RFC 6455 section 4.2.1, item 6, and sections 4.4 and 11.3.5: at most once in a request. */
const checkVersion: Check = ({ fields }) => {
  const [version, ...more] = fields.all("sec-websocket-version");
  if (more.length > 0) return Refusals.DUPLICATE_VERSION;
  return version === "13" ? null : Refusals.WEBSOCKET_VERSION_UNSUPPORTED;
};

/** RFC 6455 section 4.2.1, item 5, and section 11.3.1: at most once in a request. */
const checkKey: Check = ({ fields }) => {
  const [key = "", ...more] = fields.all("sec-websocket-key");
  if (more.length > 0) return Refusals.DUPLICATE_KEY;
  return isKey(key) ? null : Refusals.KEY_INVALID;
};

/**
 * Whether a policy admits the path of a request target.
 *
 * @throws TypeError OPTION_INVALID if a function in the policy returns a promise; its own exceptions are passed on
 */
export function isPathServed(target: string, { path: wanted }: ServerPolicy): boolean {
  if (wanted === undefined) return true;
  const path = resourcePath(target) ?? "";
  return typeof wanted === "function" ? synchronousResult(wanted(path), "path") === true : wanted === path;
}

/** RFC 6455 section 4.2.2, item 4, /resource name/. */
const checkPath: Check = ({ target }, policy) => (isPathServed(target, policy) ? null : Refusals.PATH_NOT_FOUND);

/** RFC 6455 section 4.2.2, item 4, /origin/, and section 10.2; at most one field (RFC 6454 section 7.3). */
const checkOrigin: Check = (request, { origins }) => {
  if (request.fields.all("origin").length > 1) return Refusals.DUPLICATE_ORIGIN;
  return isOriginAllowed(request, origins) ? null : Refusals.ORIGIN_FORBIDDEN;
};

const CHECKS: readonly Check[] = [
  checkHttpVersion,
  checkMethod,
  checkBody,
  checkHost,
  checkTarget,
  checkUpgrade,
  checkConnection,
  checkVersion,
  checkKey,
  checkPath,
  checkOrigin,
];

/** The lines of Sec-WebSocket-Extensions form one list (RFC 6455 section 9.1). @returns null if it breaks the grammar */
function parseOffers(lines: readonly string[]): readonly ExtensionDeclaration[] | null {
  return lines.length === 0 ? [] : parseExtensionHeader(lines.join(", "));
}

/**
 * Judges a request by RFC 6455 section 4.2 and by the policy of the server. The first broken rule decides.
 *
 * @param request as from `RequestReader`
 * @param policy path, origins and subprotocols; by default any path, pages with the same host name, and no subprotocols
 * @throws TypeError OPTION_INVALID, OPTION_UNKNOWN or ARGUMENT_INVALID for an invalid policy; Error if `protocols`
 *   chooses a subprotocol that was not offered; exceptions of functions in the policy are passed on
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { isRefusal, judgeRequest, parseRequestHead } from "tautline/handshake";
 *
 * const head = parseRequestHead(
 *   "GET /chat HTTP/1.1\r\nHost: example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
 *     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: v2, v1",
 * );
 * if (isRefusal(head)) assert.fail();
 *
 * const judged = judgeRequest(head, { path: "/chat", protocols: ["v1"] });
 * assert.deepEqual(judged, { key: "dGhlIHNhbXBsZSBub25jZQ==", protocol: "v1", offers: [] });
 *
 * const refused = judgeRequest(head, { path: "/other" });
 * assert.ok(isRefusal(refused));
 * assert.equal(refused.status, 404);
 * ```
 */
export function judgeRequest(request: RequestHead, policy: ServerPolicy): AcceptedRequest | Refusal {
  checkPolicy(policy);
  for (const check of CHECKS) {
    const refusal = check(request, policy);
    if (refusal !== null) return refusal;
  }
  const { fields } = request;
  const offered = parseSubprotocols(fields.all("sec-websocket-protocol"));
  if (offered === null) return Refusals.SUBPROTOCOLS_INVALID;
  const offers = parseOffers(fields.all("sec-websocket-extensions"));
  if (offers === null) return Refusals.EXTENSIONS_INVALID;
  const protocol = chooseSubprotocol(offered, policy.protocols, request);
  return { key: fields.get("sec-websocket-key") ?? "", protocol, offers };
}
