import { createSecureContext, type ConnectionOptions as TlsConnectionOptions, type TlsOptions } from "node:tls";
import { type ArgumentError, aFunction, invalidOption, type Rule, wrongType } from "../arguments/index.ts";

/** What a server can be known by, each in a form that a client may accept. */
const NEEDED = "key and cert, pfx or SNICallback";

/** What `tls.createServer` takes, in an object of its own. */
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

/** What node's or OpenSSL's error about TLS options is reported as. */
export function unusableTls(cause: unknown, name: string): ArgumentError {
  // OpenSSL's text begins with a number of its own, and may have several lines.
  const text = cause instanceof Error ? cause.message : String(cause);
  const reason = text
    .replace(/^error:[0-9A-F]+:/i, "")
    .trim()
    .replaceAll(/\s+/g, " ");
  return wrongType("OPTION_INVALID", `${name} cannot be used: ${reason}`, { cause });
}

/** What `tls.connect` takes, in an object of its own. */
export const clientTls: Rule<TlsConnectionOptions> = (value, name) => {
  const options: TlsConnectionOptions = tlsObject(
    value,
    name,
    "an object of options of tls.connect() (a wss: URL alone turns TLS on)",
  );
  // node would end the process, or say that this is a bug of its own.
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
 * A copy that has what the object has or inherits, and nothing that is `undefined`: node would take that for a value of
 * its own, which replaces a default such as `servername` or `checkServerIdentity`.
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
