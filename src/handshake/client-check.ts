/** Every rule about a server's response, in the order of RFC 6455 section 4.1. */
import { invalidOption } from "../arguments/index.ts";
import { type ExtensionDeclaration, parseExtensionHeader } from "../extensions/extension-header.ts";
import { acceptKeyFor } from "./accept-key.ts";
import { ConnectFailures, type ResponseFailure } from "./connect-failures.ts";
import { hasElement } from "./field-list.ts";
import { printable, quoted } from "./quoted.ts";
import type { ResponseHead } from "./response-head.ts";

/** What client and server have agreed on. */
export interface Agreement {
  /** The subprotocol in use; "" for none. */
  readonly protocol: string;
  /** The extensions in use, in the order in which they work on the data. */
  readonly extensions: readonly ExtensionDeclaration[];
}

/** What the request offered. */
export interface OfferMade {
  /** The Sec-WebSocket-Key that was sent. */
  readonly key: string;
  readonly protocols: readonly string[];
  /**
   * Whether the server must choose one of the subprotocols, if there are any. RFC 6455 lets it choose none, the WHATWG
   * WebSockets standard (opening handshake) does not.
   */
  readonly needsSubprotocol?: boolean;
  readonly extensionNames: readonly string[];
}

type Check = (response: ResponseHead, offer: OfferMade) => ResponseFailure | null;

/** Describes the lines of one field. */
function shown(values: readonly string[]): string {
  return values.length === 0 ? "it is missing" : quoted(values.join(", "));
}

/** Item 1. The connection takes up no other status: redirects and authentication are the application's. */
const checkStatus: Check = ({ status, reason }) => {
  if (status === 101) return null;
  return { failure: ConnectFailures.STATUS_NOT_101, detail: `${status} ${printable(reason)}`.trimEnd() };
};

/** Section 4.2.2, item 5: a valid HTTP response of 101, a status that HTTP/1.0 does not have. */
const checkHttpVersion: Check = ({ httpVersion }) =>
  httpVersion === "1.0" ? { failure: ConnectFailures.SWITCHED_IN_HTTP_1_0, detail: "" } : null;

/** Item 2: the whole value, not an element of a list. */
const checkUpgrade: Check = ({ fields }) => {
  if (fields.get("upgrade")?.toLowerCase() === "websocket") return null;
  return { failure: ConnectFailures.UPGRADE_WRONG, detail: shown(fields.all("upgrade")) };
};

/** Item 3. */
const checkConnection: Check = ({ fields }) => {
  const values = fields.all("connection");
  return hasElement(values, "upgrade") ? null : { failure: ConnectFailures.CONNECTION_WRONG, detail: shown(values) };
};

/** Item 4, and section 11.3.3 (at most once in a response). */
const checkAccept: Check = ({ fields }, { key }) => {
  const values = fields.all("sec-websocket-accept");
  if (values.length > 1) return { failure: ConnectFailures.ACCEPT_WRONG, detail: "it stands more than once" };
  return values[0] === acceptKeyFor(key) ? null : { failure: ConnectFailures.ACCEPT_WRONG, detail: shown(values) };
};

/** Item 5: each extension was offered. */
function checkExtensions(list: readonly ExtensionDeclaration[], names: readonly string[]): ResponseFailure | null {
  const foreign = list.find(({ name }) => !names.includes(name));
  if (foreign === undefined) return null;
  return { failure: ConnectFailures.EXTENSION_NOT_REQUESTED, detail: shown([foreign.name]) };
}

/** Item 6, and section 11.3.4 (at most once in a response). */
const checkSubprotocol: Check = ({ fields }, { protocols, needsSubprotocol = false }) => {
  const values = fields.all("sec-websocket-protocol");
  const [value, ...more] = values;
  if (value === undefined && needsSubprotocol && protocols.length > 0) {
    return { failure: ConnectFailures.SUBPROTOCOL_MISSING, detail: "" };
  }
  if (value === undefined || (more.length === 0 && protocols.includes(value))) return null;
  const detail = more.length > 0 ? "it stands more than once" : shown(values);
  return { failure: ConnectFailures.SUBPROTOCOL_NOT_REQUESTED, detail };
};

const CHECKS: readonly Check[] = [checkStatus, checkHttpVersion, checkUpgrade, checkConnection, checkAccept];

/**
 * The extensions in use; null when their field breaks the grammar. It may be split over lines by sections
 * 4.2.2 and 9.1, though section 11.3.2 has it once in a response: what is received is read by the milder rule.
 */
function parseExtensions({ fields }: ResponseHead): readonly ExtensionDeclaration[] | null {
  const value = fields.get("sec-websocket-extensions");
  return value === undefined ? [] : parseExtensionHeader(value);
}

/** A string has includes() as well, and would accept any part of itself. */
function checkOfferMade(offer: OfferMade): void {
  for (const name of ["protocols", "extensionNames"] as const) {
    if (!Array.isArray(offer[name])) throw invalidOption(name, "a list of strings", offer[name]);
  }
}

/**
 * Checks a response against what was offered (RFC 6455 section 4.1). Interim responses (1xx other than 101)
 * are skipped by the caller; what the parameters of an extension mean is checked by that extension.
 *
 * @throws TypeError for an offer that does not list subprotocols and extensions.
 */
export function checkResponse(response: ResponseHead, offer: OfferMade): Agreement | ResponseFailure {
  checkOfferMade(offer);
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
