import type { ExtensionParam } from "../extension-header.ts";

/** The parameters of a server's answer (RFC 7692 section 7.1). */
export interface AnswerParameters {
  /** Whether the server compresses without context takeover. */
  serverNoContextTakeover: boolean;
  /** Whether the client compresses without context takeover. */
  clientNoContextTakeover: boolean;
  /** The base-2 logarithm of the server's window in bytes, 8 to 15; `null` if it is absent, which means 15. */
  serverMaxWindowBits: number | null;
  /** The base-2 logarithm of the client's window in bytes, 8 to 15; `null` if it is absent, which means 15. */
  clientMaxWindowBits: number | null;
}

/** The parameters of a client's offer. */
export interface OfferParameters extends Omit<AnswerParameters, "clientMaxWindowBits"> {
  /** `true` if it has no value: the server may choose. `null` if it is absent: the server must not answer it. */
  clientMaxWindowBits: number | true | null;
}

const SHOWN_CHARS = 40;

function shown(text: string): string {
  return text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}...` : text;
}

/** "a decimal integer value without leading zeroes between 8 to 15 inclusive" (sections 7.1.2.1 and 7.1.2.2) */
const WINDOW_BITS = /^(?:[89]|1[0-5])$/;

function parseBits(value: string | true): number | null {
  return value !== true && WINDOW_BITS.test(value) ? Number(value) : null;
}

function badBits(name: string, value: string | true): string {
  return `${name} must have a value from 8 to 15${value === true ? "" : `, not ${shown(value)}`}`;
}

/** Reads one parameter. @returns what is wrong with it, or `null` */
function readParameter(into: OfferParameters, { name, value }: ExtensionParam): string | null {
  switch (name) {
    case "server_no_context_takeover":
      into.serverNoContextTakeover = true;
      return value === true ? null : `${name} must not have a value`;
    case "client_no_context_takeover":
      into.clientNoContextTakeover = true;
      return value === true ? null : `${name} must not have a value`;
    case "server_max_window_bits":
      into.serverMaxWindowBits = parseBits(value);
      return into.serverMaxWindowBits === null ? badBits(name, value) : null;
    case "client_max_window_bits":
      into.clientMaxWindowBits = value === true ? true : parseBits(value);
      return into.clientMaxWindowBits === null ? badBits(name, value) : null;
    default:
      return `${shown(name)} is not a parameter of permessage-deflate`;
  }
}

/** Reads a client's offer. @returns a string that says what is wrong with an invalid one (RFC 7692 section 7) */
export function parseOffer(params: readonly ExtensionParam[]): OfferParameters | string {
  const offer: OfferParameters = {
    serverNoContextTakeover: false,
    clientNoContextTakeover: false,
    serverMaxWindowBits: null,
    clientMaxWindowBits: null,
  };
  const seen = new Set<string>();
  for (const param of params) {
    if (seen.has(param.name)) return `${shown(param.name)} is a duplicate`;
    seen.add(param.name);
    const fault = readParameter(offer, param);
    if (fault !== null) return fault;
  }
  return offer;
}

/** Reads a server's answer. @returns a string that says what is wrong with an invalid one (RFC 7692 section 7) */
export function parseAnswer(params: readonly ExtensionParam[]): AnswerParameters | string {
  const parsed = parseOffer(params);
  if (typeof parsed === "string") return parsed;
  const { clientMaxWindowBits, ...rest } = parsed;
  // Section 7.1.2.2: it may lack its value only in an offer.
  if (clientMaxWindowBits === true) return badBits("client_max_window_bits", true);
  return { ...rest, clientMaxWindowBits };
}

/** Writes the parameters of an offer or an answer, in a fixed order. */
export function formatParameters(parameters: OfferParameters): ExtensionParam[] {
  const params: ExtensionParam[] = [];
  const flag = (name: string, isSet: boolean) => {
    if (isSet) params.push({ name, value: true });
  };
  const bits = (name: string, value: number | true | null) => {
    if (value !== null) params.push({ name, value: value === true ? true : String(value) });
  };
  flag("server_no_context_takeover", parameters.serverNoContextTakeover);
  flag("client_no_context_takeover", parameters.clientNoContextTakeover);
  bits("server_max_window_bits", parameters.serverMaxWindowBits);
  bits("client_max_window_bits", parameters.clientMaxWindowBits);
  return params;
}
