/** Every rule about a server's response, in the order of RFC 6455 section 4.1. */
import { invalidOption } from "../arguments/index.ts";
import { type ExtensionDeclaration, parseExtensionHeader } from "../extensions/extension-header.ts";
import { hasElement } from "../http/field-list.ts";
import { printable, quoted } from "../http/quoted.ts";
import type { ResponseHead } from "../http/response-head.ts";
import { acceptKeyFor } from "./accept-key.ts";
import { ConnectFailures, type ResponseFailure } from "./connect-failures.ts";

/** The choices of a valid response from the offer. */
export interface CheckedResponse {
  /** The subprotocol; "" for none. */
  readonly protocol: string;
  /** The extensions, in the order in which they are applied to the data. */
  readonly extensions: readonly ExtensionDeclaration[];
}

/** The offer of the request that was sent. */
export interface SentOffer {
  /** The Sec-WebSocket-Key that was sent. */
  readonly key: string;
  /** The subprotocols that were sent; may be empty. */
  readonly protocols: readonly string[];
  /**
   * Whether the server must choose one of the subprotocols, if there are any. RFC 6455 lets it choose none, the WHATWG
   * WebSockets standard (opening handshake) does not.
   */
  readonly needsSubprotocol?: boolean;
  /** The names of the extensions that were sent; may be empty. */
  readonly extensionNames: readonly string[];
}

type Check = (response: ResponseHead, offer: SentOffer) => ResponseFailure | null;

/** Describes the lines of one field. */
function shown(values: readonly string[]): string {
  return values.length === 0 ? "it is missing" : quoted(values.join(", "));
}

/** Item 1. Any other status ends the attempt: redirects and authentication are up to the application. */
const checkStatus: Check = ({ status, reason }) => {
  if (status === 101) return null;
  return { failure: ConnectFailures.STATUS_NOT_101, detail: `${status} ${printable(reason)}`.trimEnd() };
};

/** Section 4.2.2, item 5: a response with the status 101, which HTTP/1.0 does not have. */
const checkHttpVersion: Check = ({ httpVersion }) =>
  httpVersion === "1.0" ? { failure: ConnectFailures.SWITCHED_IN_HTTP_1_0, detail: "" } : null;

/** Item 2: the whole value, not one element of a list. */
const checkUpgrade: Check = ({ fields }) => {
  if (fields.get("upgrade")?.toLowerCase() === "websocket") return null;
  return { failure: ConnectFailures.UPGRADE_WRONG, detail: shown(fields.all("upgrade")) };
};

/** Item 3. */
const checkConnection: Check = ({ fields }) => {
  const values = fields.all("connection");
  return hasElement(values, "upgrade") ? null : { failure: ConnectFailures.CONNECTION_WRONG, detail: shown(values) };
};

/** Item 4, and section 11.3.3: at most once in a response. */
const checkAccept: Check = ({ fields }, { key }) => {
  const values = fields.all("sec-websocket-accept");
  if (values.length > 1) return { failure: ConnectFailures.DUPLICATE_ACCEPT, detail: shown(values) };
  return values[0] === acceptKeyFor(key) ? null : { failure: ConnectFailures.ACCEPT_WRONG, detail: shown(values) };
};

/** Item 5: each extension was offered. */
function checkExtensions(list: readonly ExtensionDeclaration[], names: readonly string[]): ResponseFailure | null {
  const foreign = list.find(({ name }) => !names.includes(name));
  if (foreign === undefined) return null;
  return { failure: ConnectFailures.EXTENSION_NOT_REQUESTED, detail: shown([foreign.name]) };
}

/** Item 6, and section 11.3.4: at most once in a response. */
const checkSubprotocol: Check = ({ fields }, { protocols, needsSubprotocol = false }) => {
  const values = fields.all("sec-websocket-protocol");
  if (values.length > 1) return { failure: ConnectFailures.DUPLICATE_SUBPROTOCOL, detail: shown(values) };
  const [value] = values;
  if (value === undefined) {
    const isMissing = needsSubprotocol && protocols.length > 0;
    return isMissing ? { failure: ConnectFailures.SUBPROTOCOL_MISSING, detail: "" } : null;
  }
  if (protocols.includes(value)) return null;
  return { failure: ConnectFailures.SUBPROTOCOL_NOT_REQUESTED, detail: shown(values) };
};

const CHECKS: readonly Check[] = [checkStatus, checkHttpVersion, checkUpgrade, checkConnection, checkAccept];

/**
 * The extensions in use; null if their field does not follow the grammar. Sections 4.2.2 and 9.1 allow the field to be
 * split over several lines, but section 11.3.2 does not. A recipient follows the more lenient rule.
 */
function parseExtensions({ fields }: ResponseHead): readonly ExtensionDeclaration[] | null {
  const value = fields.get("sec-websocket-extensions");
  return value === undefined ? [] : parseExtensionHeader(value);
}

/** A string has includes() too, and would accept any part of itself. */
function checkOffer(offer: SentOffer): void {
  for (const name of ["protocols", "extensionNames"] as const) {
    if (!Array.isArray(offer[name])) throw invalidOption(name, "a list of strings", offer[name]);
  }
}

/**
 * Checks a final response against the offer (RFC 6455 section 4.1, items 1 to 6 for the response). The first broken rule
 * decides. The parameters of an extension are for that extension to check.
 *
 * @param response as from `ResponseReader`
 * @throws TypeError OPTION_INVALID for an offer without lists of subprotocols and extensions
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { checkResponse, parseResponseHead } from "tautline/handshake";
 *
 * const offer = { key: "dGhlIHNhbXBsZSBub25jZQ==", protocols: ["chat"], extensionNames: [] };
 * const head = parseResponseHead(
 *   "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
 *     "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: chat",
 * );
 * if ("failure" in head) assert.fail();
 * assert.deepEqual(checkResponse(head, offer), { protocol: "chat", extensions: [] });
 *
 * const checked = checkResponse({ ...head, status: 403, reason: "Forbidden" }, offer);
 * if (!("failure" in checked)) assert.fail();
 * assert.equal(checked.failure.code, "STATUS_NOT_101");
 * assert.equal(checked.detail, "403 Forbidden");
 * ```
 */
export function checkResponse(response: ResponseHead, offer: SentOffer): CheckedResponse | ResponseFailure {
  checkOffer(offer);
  for (const check of CHECKS) {
    const failure = check(response, offer);
    if (failure !== null) return failure;
  }
  const { fields } = response;
  const extensions = parseExtensions(response);
  if (extensions === null) {
    return { failure: ConnectFailures.EXTENSIONS_MALFORMED, detail: shown(fields.all("sec-websocket-extensions")) };
  }
  const failure = checkExtensions(extensions, offer.extensionNames) ?? checkSubprotocol(response, offer);
  return failure ?? { protocol: fields.get("sec-websocket-protocol") ?? "", extensions };
}
