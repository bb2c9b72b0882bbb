import { createSecureContext, type ConnectionOptions as TlsConnectionOptions, type TlsOptions } from "node:tls";
import { type ArgumentError, aFunction, invalidOption, type Rule, wrongType } from "../arguments/index.ts";

/** The forms of a certificate, one of which a server needs. */
const NEEDED = "key and cert, pfx or SNICallback";

/** Options of `tls.createServer`; the result is a copy. */
export const serverTls: Rule<TlsOptions> = (value, name) => tlsObject(value, name, `an object with ${NEEDED}`);

/**
 * Checks that a server has a certificate: without one it listens, and every client fails.
 *
 * @throws TypeError OPTION_INVALID; its `cause` is the error of OpenSSL for a key or a certificate that is not valid
 */
export function checkCertificate(options: TlsOptions, name: string): void {
  const { key, cert, pfx, SNICallback, pskCallback } = options;
  const { privateKeyIdentifier } = options as { privateKeyIdentifier?: unknown };
  const hasPair = isGiven(cert) && (isGiven(key) || isGiven(privateKeyIdentifier));
  if (!hasPair && !isGiven(pfx) && SNICallback === undefined && pskCallback === undefined) {
    const missing = isGiven(cert) ? "key" : isGiven(key) ? "cert" : NEEDED;
    throw wrongType("OPTION_INVALID", `${name} lacks ${missing}: without a certificate no client can connect`);
  }
  try {
    createSecureContext(options);
  } catch (error) {
    throw unusableTls(error, name);
  }
}

/** Wraps an error of node or OpenSSL about TLS options. */
export function unusableTls(cause: unknown, name: string): ArgumentError {
  // OpenSSL's text begins with a number of its own, and may have several lines.
  const text = cause instanceof Error ? cause.message : String(cause);
  const reason = text
    .replace(/^error:[0-9A-F]+:/i, "")
    .trim()
    .replaceAll(/\s+/g, " ");
  return wrongType("OPTION_INVALID", `${name} cannot be used: ${reason}`, { cause });
}

/** Options of `tls.connect`; the result is a copy. */
export const clientTls: Rule<TlsConnectionOptions> = (value, name) => {
  const options: TlsConnectionOptions = tlsObject(
    value,
    name,
    "an object of options of tls.connect() (a wss: URL alone turns TLS on)",
  );
  // node 20 would report a bug of its own.
  if (options.checkServerIdentity !== undefined) aFunction(options.checkServerIdentity, `${name}.checkServerIdentity`);
  return options;
};

function tlsObject(value: unknown, name: string, accepted: string): object {
  if (typeof value !== "object" || value === null || Symbol.iterator in value || "then" in value) {
    throw invalidOption(name, accepted, value);
  }
  return definedParts(value);
}

/**
 * Copies the own and inherited properties, without those that are `undefined`: in node, such a property replaces a
 * default, for example of `servername` or `checkServerIdentity`.
 */
function definedParts(given: object): object {
  const parts: Record<string, unknown> = {};
  for (let at = given; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const name of Object.getOwnPropertyNames(at)) {
      const part: unknown = Reflect.get(given, name);
      if (part !== undefined && name !== "constructor") parts[name] = part;
    }
  }
  return parts;
}

/** An empty list or text holds no certificate. */
function isGiven(part: unknown): boolean {
  if (part === undefined || part === null || part === "") return false;
  return !Array.isArray(part) || part.length > 0;
}
